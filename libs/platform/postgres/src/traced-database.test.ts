import { expect, it } from 'vitest';
import { summaryOf } from './traced-database.ts';

it.each([
  [{ name: 'append-12', text: 'with input as (select 1) insert into event values (1)' }, 'append-12'],
  [{ text: "SELECT id, 'a secret' FROM account WHERE id = $1" }, 'select account'],
  [{ text: '\n  update channel set last_seq = 2' }, 'update channel'],
  [{ text: 'insert into thread (id) values ($1)' }, 'insert thread'],
  [{ text: 'DELETE FROM session' }, 'delete session'],
  [{ text: 'SHOW transaction_read_only' }, 'show'],
  [{ text: '' }, 'statement'],
])('a statement is summed up as what it does, without a value: %j', (statement, summary) => {
  expect(summaryOf(statement)).toBe(summary);
});
