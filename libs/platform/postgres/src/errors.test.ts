import { expect, test } from 'vitest';
import { certainFailure, commitFailure, DatabaseUnavailableError, isRetryable, sqlState, UnknownOutcomeError } from './errors.ts';

const sql = (code: string) => Object.assign(new Error(code), { code });
const lost = new Error('Connection terminated unexpectedly');

test('only an answer of the server has a SQLSTATE', () => {
  expect([sqlState(sql('23505')), sqlState(sql('ECONNREFUSED')), sqlState(lost), sqlState('23505'), sqlState(undefined)]).toEqual(['23505', '', '', '', '']);
});

test.each(['23505', '23503', '22P02', '42P01', '40001'])('within a transaction %s stays what it is', (code) => {
  expect(certainFailure(sql(code))).toMatchObject({ code });
});

test.each(['57014', '55P03', '53300', '57P01', '25P03', '08006', '25006'])('within a transaction %s means unavailable, and certainly not applied', (code) => {
  expect(certainFailure(sql(code))).toBeInstanceOf(DatabaseUnavailableError);
});

test('at COMMIT a lost connection, a timeout of ours and a termination prove nothing', () => {
  for (const error of [lost, new Error('Query read timeout'), sql('57P01'), sql('57P02'), sql('08006')])
    expect(commitFailure(error)).toBeInstanceOf(UnknownOutcomeError);
});

test('at COMMIT a refusal by name is a failure', () => {
  expect(commitFailure(sql('23505'))).toMatchObject({ code: '23505' });
  expect(commitFailure(sql('57014'))).toBeInstanceOf(DatabaseUnavailableError);
});

test('what is known already is not judged again', () => {
  const unknown = new UnknownOutcomeError(lost);
  expect(certainFailure(unknown)).toBe(unknown);
});

test('a twin, a serialization failure and a deadlock may succeed when they are run again', () => {
  expect(['23505', '40001', '40P01', '23503', '57014'].filter((code) => isRetryable(sql(code)))).toEqual(['23505', '40001', '40P01']);
});
