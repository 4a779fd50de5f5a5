import type { IncomingMessage } from 'node:http';
import { VecheError } from '@veche/contracts';
import { expect, test } from 'vitest';
import { Credentials } from './credentials.ts';

const settings = { HTTP_REQUESTS_PER_MINUTE: 30, HTTP_ALLOWED_ORIGINS: [], HTTP_TRUSTED_PROXIES: 0, DOORS_QUERY_TOKEN: true, DOORS_TOKEN_COOKIE: '' };
const request = { headers: { authorization: 'Bearer header', origin: 'https://app' }, socket: {} } as unknown as IncomingMessage;

function credentials(changes = {}): { of: (query: string) => Promise<string | undefined>; asked: unknown[] } {
  const asked: unknown[] = [];
  const bus = {
    ask: async (_kind: string, query: unknown) => {
      asked.push(query);
      return { token: 'redeemed' };
    },
  };
  const subject = new Credentials(bus, { ...settings, ...changes });
  return { of: (query) => subject.tokenOf(request, new URLSearchParams(query)), asked };
}

test('reads the header, the query and a ticket, the more specific first', async () => {
  const { of, asked } = credentials();
  expect(await of('')).toBe('header');
  expect(await of('token=query')).toBe('query');
  expect(await of('ticket=t1&token=query')).toBe('redeemed');
  expect(asked).toEqual([{ ticket: 't1', origin: 'https://app' }]);
});

test('a token in the address is refused where the setting says so', async () => {
  const { of } = credentials({ DOORS_QUERY_TOKEN: false });
  await expect(of('token=query')).rejects.toMatchObject({ error: 'unauthorized' } satisfies Partial<VecheError>);
});

test('an overlong ticket never reaches the bus', async () => {
  const { of, asked } = credentials();
  await expect(of(`ticket=${'x'.repeat(500)}`)).rejects.toMatchObject({ error: 'unauthorized' });
  expect(asked).toEqual([]);
});
