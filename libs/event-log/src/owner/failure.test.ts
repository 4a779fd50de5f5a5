import { VecheError } from '@veche/contracts';
import { DatabaseUnavailableError, UnknownOutcomeError } from '@veche/platform-postgres';
import { expect, test } from 'vitest';
import { poisonRefusal, remedyOf } from './failure.ts';

const sql = (code: string) => Object.assign(new Error(code), { code });

test.each(['23505', '40001', '40P01'])('%s runs the transaction again', (code) => expect(remedyOf(sql(code))).toBe('again'));

test('what the database did not answer is delivered again, never refused', () => {
  for (const error of [new DatabaseUnavailableError(new Error('ECONNREFUSED')), new UnknownOutcomeError(new Error('connection lost'))]) {
    expect(remedyOf(error)).toBe('redeliver');
    expect(poisonRefusal(error)).toBeUndefined();
  }
});

test('a bug or a value that Postgres refuses is internal to the one command', () => {
  expect(poisonRefusal(new TypeError('x of undefined'))).toMatchObject({ error: 'internal' });
  expect(poisonRefusal(sql('22P02'))).toMatchObject({ error: 'internal' });
});

test("a handler's own refusal reaches the client as it is", () => {
  expect(poisonRefusal(new VecheError('conflict', 'taken'))).toMatchObject({ error: 'conflict', message: 'taken' });
});

test('a command that alone is too slow, or collides every time, is refused so that it cannot hold its queue', () => {
  expect(poisonRefusal(new DatabaseUnavailableError(sql('57014')))).toMatchObject({ error: 'unavailable' });
  expect(poisonRefusal(sql('23505'))).toMatchObject({ error: 'unavailable' });
});
