import { ClearThread, type CommandContract, MuteThread, NOTICE_KINDS, NOTIFIER, Notify, ReadAllNotices, ReadNotice, SetPreferences } from '@veche/contracts';
import { migrate } from '@veche/platform-postgres';
import { AuthModule } from '@veche/domain-auth';
import { authMigrations } from '@veche/domain-auth';
import { chatMigrations, ChatModule } from '@veche/domain-chat';
import { eventLogMigrations } from '@veche/event-log';
import { createDatabase } from '@veche/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NoticeChannelModule, notificationMigrations, rebuildInbox } from '../src/index.ts';
import { type House, inbox, kindsOf, LAWS, openHouse, register, say, settled, thread, told } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ modules: [AuthModule, ChatModule, NoticeChannelModule], env: { NOTIFICATION_MAX_MUTED: '2' } });
});
afterAll(() => house.stop());

interface Step {
  readonly what: 'notify' | 'read' | 'all' | 'clear' | 'prefer' | 'mute';
  readonly user: number;
  readonly pick: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('notify' as const) },
    { weight: 6, arbitrary: fc.constantFrom('read' as const, 'all' as const, 'clear' as const, 'prefer' as const, 'mute' as const) },
  ),
  user: fc.nat(1),
  pick: fc.nat(1000),
});
/** Waves of commands that are under way at the same time, hence in the same batches. */
const waves = fc.array(fc.array(step, { minLength: 1, maxLength: 15 }), { minLength: 2, maxLength: 8 });

const TABLES = [
  'SELECT * FROM notice ORDER BY user_id, seq',
  'SELECT * FROM notice_inbox ORDER BY user_id',
  'SELECT * FROM notice_mute ORDER BY user_id, thread',
];
const tables = (): Promise<unknown> => Promise.all(TABLES.map((text) => house.database.query({ text })));

let run = 0;
const USERS = (): string[] => [`one-${run}`, `two-${run}`];
const ids: string[] = [];

async function take({ what, user, pick }: Step): Promise<void> {
  const who = USERS()[user] ?? '';
  const thread = `thread:${run}-${pick % 3}`;
  const thread_seq = pick % 20;
  const say = (contract: CommandContract, data: object, actor = who) => house.send(contract, inbox(who), actor, data);
  const steps = {
    notify: () => say(Notify, { kind: NOTICE_KINDS[pick % 4], thread, thread_seq: thread_seq + 1, by: 'somebody' }, NOTIFIER),
    read: () => say(ReadNotice, { notice_id: ids[pick % Math.max(1, ids.length)] ?? '01900000-0000-7000-8000-000000000000' }),
    all: () => say(ReadAllNotices, pick % 2 ? {} : { through: thread_seq }),
    clear: () => say(ClearThread, { thread, thread_seq }, NOTIFIER),
    prefer: () => say(SetPreferences, { [NOTICE_KINDS[pick % 4]!]: pick % 3 > 0 }),
    mute: () => say(MuteThread, { thread, muted: pick % 2 > 0 }),
  };
  const reply = await steps[what]();
  if (what === 'notify' && reply.ok && reply.id !== null) ids.push(reply.id);
}

/** But the one about one notice an event: here one message is told of many times. */
const laws = LAWS.filter((law) => !law.includes('thread_seq FROM notice GROUP BY') && !law.includes("kind = 'absent'"));

test('what the commands have written is what a rebuild writes, and the badge was exact all along', async () => {
  await fc.assert(
    fc.asyncProperty(waves, async (told) => {
      run++;
      ids.length = 0;
      for (const wave of told) {
        await Promise.all(wave.map(take));
        for (const law of laws) expect(await house.database.query({ text: law }), law).toEqual([]);
      }
      const live = await tables();
      for (const user of USERS())
        await rebuildInbox(house.database, house.log, user).catch((error: { error: string }) => expect(error.error).toBe('not_found'));
      expect(await tables()).toEqual(live);
    }),
    { numRuns: 40 },
  );
}, 120_000);

test('a rebuild repairs what was damaged', async () => {
  run++;
  for (let pick = 0; pick < 40; pick++) for (const what of ['notify', 'clear', 'mute', 'read'] as const) await take({ what, user: 0, pick });
  const live = await tables();
  for (const damage of [
    'UPDATE notice_inbox SET unread = 77, read_through = 5',
    'UPDATE notice SET read = true',
    'DELETE FROM notice WHERE seq % 3 = 0',
    'DELETE FROM notice_mute',
  ])
    await house.database.query({ text: damage });
  const users = await house.database.query<{ readonly id: string }>({ text: `SELECT substr(name, 6) AS id FROM channel WHERE name LIKE 'user:%'` });
  for (const { id } of users) await rebuildInbox(house.database, house.log, id);
  expect(await tables()).toEqual(live);
});

test('what was said before there were notices notifies nobody; who was in a thread then is told of what comes', async () => {
  const before = [...eventLogMigrations, ...authMigrations, ...chatMigrations];
  const database = await createDatabase({ name: 'before-notices', prepare: async (url) => void (await migrate(url, before)) });
  const old = await openHouse({ on: database.url, modules: [AuthModule, ChatModule], migrations: before });
  const [anna, boris] = [await register(old, 'anna'), await register(old, 'boris')];
  const channel = await thread(old, anna.id, [boris.id]);
  const { id } = await say(old, channel, boris.id, 'long ago');
  for (let n = 0; n < 20; n++) await say(old, channel, anna.id, `@${boris.login} ${n}`, id ?? '');
  await old.stop();
  await migrate(database.url, [...before, ...notificationMigrations]);
  const now = await openHouse({ on: database.url });
  await settled(now);
  expect(await now.database.query({ text: `SELECT seq FROM notice_cursor WHERE channel = $1`, values: [channel] })).toEqual([{ seq: 0 }]);
  await say(now, channel, anna.id, `@${boris.login} today`);
  await told(now, boris.id, 'mention');
  await say(now, channel, anna.id, 'an answer to what is old', id ?? '');
  await told(now, boris.id, 'mention', 'reply');
  expect(await kindsOf(now, anna.id)).toEqual([]);
  await now.stop();
  await database.drop();
});
