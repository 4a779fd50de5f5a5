import { randomUUID } from 'node:crypto';
import {
  AddMember,
  AuthorizeThread,
  AuthorizeThreads,
  CreateThread,
  DeleteMessage,
  EditMessage,
  GetMessage,
  GetThread,
  ListMembers,
  ListMessages,
  ListThreads,
  MarkRead,
  React,
  RemoveMember,
  RenameThread,
  SendMessage,
  SetRole,
  threadChannel,
  userChannel,
} from '@veche/contracts';
import type { Statement } from '@veche/platform-postgres';
import { eventually } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse } from './house.ts';

let house: House;
const statements = new Map<string, string>();
const note = ({ name, text }: Statement): void => void (name?.startsWith('chat-') && statements.set(name, text));

beforeAll(async () => {
  house = await openHouse();
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

async function everything({ done, ask, signals }: House): Promise<void> {
  const channel = threadChannel(randomUUID());
  await done(CreateThread, channel, 'ann', { title: 'Plans', members: ['bob'] });
  await done(RenameThread, channel, 'ann', { title: 'Better plans' });
  await done(AddMember, channel, 'ann', { user: 'cid' });
  await done(SetRole, channel, 'ann', { user: 'cid', role: 'admin' });
  await done(RemoveMember, channel, 'ann', { user: 'cid' });
  const message_id = (await done(SendMessage, channel, 'ann', { text: 'hello' })).id ?? '';
  await done(EditMessage, channel, 'ann', { message_id, text: 'hello!' });
  await done(React, channel, 'bob', { message_id, reaction: '👍' });
  await done(MarkRead, userChannel('bob'), 'bob', { thread: channel, seq: 6 });
  await done(DeleteMessage, channel, 'ann', { message_id });
  for (const contract of [GetThread, ListMembers, ListMessages]) await ask(contract, { user: 'ann', channel });
  await ask(ListMessages, { user: 'ann', channel, after: 0 });
  await ask(ListThreads, { user: 'ann' });
  await ask(GetMessage, { user: 'ann', channel, message_id });
  await ask(AuthorizeThread, { channel, subject: { user: 'ann' } });
  await ask(AuthorizeThreads, { asks: [{ channel, subject: { user: 'ann' } }] });
  await eventually(() => signals.length > 0 && statements.has('chat-audiences'));
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

test('every statement of the chat is named, hence prepared once a connection, and was seen here', () => {
  expect([...statements.keys()].toSorted()).toEqual([
    'chat-advance-threads',
    'chat-audiences',
    'chat-bury-messages',
    'chat-delete-members',
    'chat-history-after',
    'chat-history-before',
    'chat-insert-members',
    'chat-insert-threads',
    'chat-list-threads',
    'chat-members',
    'chat-message',
    'chat-message-states',
    'chat-move-markers',
    'chat-numbers-at',
    'chat-own-reactions',
    'chat-readings',
    'chat-role',
    'chat-roles',
    'chat-senders',
    'chat-standings',
    'chat-store-messages',
    'chat-thread',
    'chat-update-roles',
    'chat-update-texts',
    'chat-write-reactions',
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

test('sending takes two statements beside the log, whatever the size of the batch', async () => {
  const channel = threadChannel(randomUUID());
  await house.done(CreateThread, channel, 'ann', { title: 'Busy' });
  const sent: string[] = [];
  const { transaction } = house.database;
  let transactions = 0;
  house.database.transaction = (fn, options) => (
    transactions++,
    transaction((tx) => fn({ ...tx, query: (statement) => (sent.push(statement.name ?? ''), tx.query(statement)) }), options)
  );
  await Promise.all(Array.from({ length: 150 }, (_, n) => house.done(SendMessage, channel, 'ann', { text: String(n) })));
  house.database.transaction = transaction;
  expect(transactions).toBeLessThan(10);
  expect(sent.filter((name) => name.startsWith('chat-')).length).toBe(2 * transactions);
});
