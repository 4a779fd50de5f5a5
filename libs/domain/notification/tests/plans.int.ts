import { GetPreferences, MarkRead, MuteThread, ReadAllNotices, ReadNotice, SetPreferences } from '@veche/contracts';
import type { Statement } from '@veche/platform-postgres';
import { eventually } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shutGate } from '../src/following/cursor.repository.ts';
import { badge, type House, inbox, noticesOf, openHouse, register, say, settled, thread, told } from './house.ts';

let house: House;
const statements = new Map<string, string>();
const note = ({ name, text }: Statement): void => void (name?.startsWith('notice-') && statements.set(name, text));

beforeAll(async () => {
  house = await openHouse({ env: { NOTIFICATION_ABSENT_AFTER_MS: '0' } });
  record(house);
  await everything(house);
});
afterAll(() => house.stop());

/** Notes what is sent to the database from now on. */
function record({ database }: House): void {
  const query = database.query.bind(database);
  const transaction = database.transaction.bind(database);
  database.query = (statement) => (note(statement), query(statement));
  database.transaction = (fn, options) => transaction((tx) => fn({ ...tx, query: (statement) => (note(statement), tx.query(statement)) }), options);
}

async function everything({ done, ask }: House): Promise<void> {
  const [anna, boris] = [await register(house, 'anna'), await register(house, 'boris')];
  const channel = await thread(house, anna.id, [boris.id]);
  await say(house, channel, anna.id, `@${boris.login}`);
  await told(house, boris.id, 'added', 'mention');
  const [added] = await noticesOf(house, boris.id);
  await done(ReadNotice, inbox(boris.id), boris.id, { notice_id: added!.id });
  await done(MarkRead, inbox(boris.id), boris.id, { thread: channel, seq: 2 });
  await eventually(async () => (await badge(house, boris.id)) === 0);
  await say(house, channel, anna.id, 'and then');
  await told(house, boris.id, 'added', 'mention', 'absent');
  await done(ReadAllNotices, inbox(boris.id), boris.id, {});
  await done(SetPreferences, inbox(boris.id), boris.id, { absent: false });
  await done(MuteThread, inbox(boris.id), boris.id, { thread: channel });
  await ask(GetPreferences, { user: boris.id });
  const { bus } = house;
  const send = bus.send.bind(bus);
  let refused = false;
  bus.send = (command) =>
    refused || !command.kind.startsWith('notification.notify')
      ? send(command)
      : ((refused = true), Promise.resolve({ ok: false, error: 'unavailable', message: '' }));
  await say(house, await thread(house, anna.id, [boris.id]), anna.id, 'later');
  await eventually(() => statements.has('notice-postpone-due'));
  await shutGate(house.database, channel, 1);
  await settled(house);
}

/** The plan for parameters not known yet, while the tables are nearly empty and never analysed: the worst moment to make one. */
async function planOf(text: string): Promise<string> {
  return house.database.transaction(
    async (tx) => {
      const rows = await tx.query<Record<string, string>>({ text: `EXPLAIN (GENERIC_PLAN) ${text}` });
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    },
    { planner: 'indexed' },
  );
}

test('every statement about notices was seen here', () => {
  expect([...statements.keys()].toSorted()).toEqual([
    'notice-add-clears',
    'notice-add-due',
    'notice-badge',
    'notice-claim-due',
    'notice-clear-threads',
    'notice-cursors',
    'notice-kinds-off',
    'notice-list',
    'notice-lock-cursors',
    'notice-make-cursors',
    'notice-mark-read',
    'notice-member-counts',
    'notice-move-cursors',
    'notice-move-threads',
    'notice-move-through',
    'notice-muted-threads',
    'notice-mutes',
    'notice-named',
    'notice-next-checks',
    'notice-opened-gates',
    'notice-people',
    'notice-postpone-due',
    'notice-read',
    'notice-recipients',
    'notice-remove-due',
    'notice-save-members',
    'notice-set-waiting',
    'notice-shut-gate',
    'notice-store',
    'notice-take-checks',
    'notice-unread-in-threads',
    'notice-unread-members',
    'notice-unread-through',
    'notice-write-kinds-off',
    'notice-write-mutes',
  ]);
});

test('none of them reads a whole table', async () => {
  const scans = [];
  for (const [name, text] of statements) {
    const plan = await planOf(text);
    if (plan.includes('Seq Scan')) scans.push(`${name}\n${plan}`);
  }
  expect(scans).toEqual([]);
});

test('following takes the same number of statements, however many threads and messages a round has', async () => {
  const anna = await register(house, 'anna');
  const threads = await Promise.all(Array.from({ length: 20 }, () => thread(house, anna.id, [])));
  await settled(house);
  const sent: string[] = [];
  const { transaction } = house.database;
  let rounds = 0;
  house.database.transaction = (fn, options) =>
    transaction(async (tx) => {
      const before = sent.length;
      const result = await fn({ ...tx, query: (statement) => (statement.name?.startsWith('notice-') && sent.push(statement.name), tx.query(statement)) });
      if (sent.slice(before).includes('notice-lock-cursors')) rounds++;
      return result;
    }, options);
  await Promise.all(threads.flatMap((channel) => Array.from({ length: 5 }, (_, n) => say(house, channel, anna.id, String(n)))));
  await settled(house);
  house.database.transaction = transaction;
  const following = sent.filter((name) => !/check/.test(name));
  expect(rounds).toBeLessThan(60);
  expect(following.length).toBeLessThanOrEqual(rounds * 9);
});
