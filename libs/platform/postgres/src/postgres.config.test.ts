import { loadConfig, valuesOf } from '@veche/platform-config';
import { expect, test } from 'vitest';
import { postgresConfig } from './postgres.config.ts';

const load = (env: Record<string, string>) => valuesOf(loadConfig([postgresConfig], env), postgresConfig);
const PG_URL = 'postgres://veche:secret@localhost/veche';

test('the defaults are those of the smallest stage', () => {
  expect(load({ PG_URL })).toMatchObject({
    PG_REPLICA_URLS: [],
    PG_POOL_SIZE: 10,
    PG_MAX_OVERFLOW: 5,
    PG_STATEMENT_TIMEOUT_MS: 2000,
    PG_QUERY_TIMEOUT_MS: 3000,
    PG_IDLE_IN_TX_TIMEOUT_MS: 5000,
  });
});

test('replicas are a list', () => {
  expect(load({ PG_URL, PG_REPLICA_URLS: 'postgres://a/x, postgres://b/x' }).PG_REPLICA_URLS).toEqual(['postgres://a/x', 'postgres://b/x']);
});

test('a URL that is none is named and never printed', () => {
  const failing = () => load({ PG_URL: 'mysql://veche:secret@localhost/veche' });
  expect(failing).toThrow('PG_URL');
  expect(failing).not.toThrow('secret@');
});

test('a client that gives up before the server is refused', () => {
  expect(() => load({ PG_URL, PG_STATEMENT_TIMEOUT_MS: '3000' })).toThrow('PG_QUERY_TIMEOUT_MS must be greater');
});
