import { migrate, type OpenDatabase, openDatabase } from '@veche/platform-postgres';
import { createDatabase, eventually, type TestDatabase } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../src/migrations.ts';

const MESSAGE = '00000000-0000-7000-8000-000000000001';
const NOTICE = '00000000-0000-7000-8000-000000000002';

let created: TestDatabase;
let writer: OpenDatabase;
let heard: unknown[];
beforeAll(async () => {
  created = await createDatabase();
  await migrate(created.url, migrations);
  writer = await openDatabase({ PG_URL: created.url });
  heard = [];
  await writer.listener.listen('realtime_events', { notified: (payload) => heard.push(JSON.parse(payload)), interrupted: () => undefined });
});
afterAll(async () => {
  await writer.close();
  await created.drop();
});

/** Each operation once, on either table, in transactions of its own. */
async function everyOperation(): Promise<void> {
  const statements = [
    `INSERT INTO message (id, thread, seq, number, actor, command_id, ts, text) VALUES ('${MESSAGE}', 7, 3, 1, 'ann', 'c', 0, repeat('long ', 4000))`,
    `UPDATE message SET text = 'short' WHERE id = '${MESSAGE}'`,
    `DELETE FROM message WHERE id = '${MESSAGE}'`,
    `INSERT INTO notice (user_id, seq, id, kind, thread, thread_seq, said_by, ts) VALUES ('bob', 1, '${NOTICE}', 'reply', 'thread:7', 3, 'ann', 0)`,
    `UPDATE notice SET read = true WHERE id = '${NOTICE}'`,
    `DELETE FROM notice WHERE id = '${NOTICE}'`,
  ];
  for (const text of statements) await writer.database.query({ text });
  await writer.database.query({ text: `SELECT pg_notify('realtime_events', '"end"')` });
  await eventually(() => heard.includes('end'));
}

test('nothing is said while it is not switched on', async () => {
  await everyOperation();
  expect(heard.splice(0)).toEqual(['end']);
});

test('each operation is told of once, with ids and nothing else, a deleted row too', async () => {
  const name = new URL(created.url).pathname.slice(1);
  await writer.database.query({ text: `ALTER DATABASE ${name} SET veche.realtime_events = 'on'` });
  const before = writer;
  writer = await openDatabase({ PG_URL: created.url });
  await everyOperation();
  await before.close();
  const message = { id: MESSAGE, thread: 7, seq: 3 };
  const notice = { user_id: 'bob', seq: 1 };
  expect(heard.splice(0)).toEqual([
    { action: 'INSERT', table: 'message', data: message },
    { action: 'UPDATE', table: 'message', data: message },
    { action: 'DELETE', table: 'message', data: message },
    { action: 'INSERT', table: 'notice', data: notice },
    { action: 'UPDATE', table: 'notice', data: notice },
    'end',
  ]);
});
