import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ed25519, p256 } from '../../tests/auth/tokens.fixture.ts';
import { fetchJwks } from './fetch-jwks.ts';
import { type JwkSet, KeyRing } from './key-ring.ts';

const header = (kid: string, alg = 'EdDSA'): { alg: string; kid: string } => ({ alg, kid });
const [one, two] = [ed25519('one'), ed25519('two')];

/** A ring over a source that the test changes, at a time that the test sets. */
function ringOver(first: () => Promise<JwkSet>) {
  const source = { load: first, loads: 0, now: 0, failures: 0 };
  const ring = new KeyRing(
    () => {
      source.loads++;
      return source.load();
    },
    () => source.failures++,
    { freshMs: 60_000, unknownKidMs: 30_000 },
    () => source.now,
  );
  return { source, ring };
}

describe('a key ring', () => {
  it('fetches once for many who wait', async () => {
    const { source, ring } = ringOver(() => Promise.resolve({ keys: [one.jwk] }));
    await Promise.all(Array.from({ length: 50 }, () => ring.fetch(header('one'))));
    expect(source.loads).toBe(1);
  });

  it('makes one fetch of a flood of unknown kids', async () => {
    const { source, ring } = ringOver(() => Promise.resolve({ keys: [one.jwk] }));
    await ring.loaded();
    source.now = 30_000;
    const found = await Promise.all(Array.from({ length: 1000 }, (_, at) => ring.fetch(header(`made-up-${at}`))));
    expect(found.every((key) => key === undefined)).toBe(true);
    expect(source.loads).toBe(2);
    source.now = 59_999;
    await ring.fetch(header('made-up'));
    expect(source.loads).toBe(2);
  });

  it('finds a key published since', async () => {
    const { source, ring } = ringOver(() => Promise.resolve({ keys: [one.jwk] }));
    await ring.loaded();
    source.load = () => Promise.resolve({ keys: [one.jwk, two.jwk] });
    source.now = 30_000;
    expect(await ring.fetch(header('two'))).toBeDefined();
    expect(ring.generation).toBe(2);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('500'))],
    ['is empty', () => Promise.resolve({ keys: [] })],
    [
      'holds only what is no public signature key',
      () =>
        Promise.resolve({
          keys: [
            { kty: 'oct', k: 'c2VjcmV0', kid: 'one' },
            { ...one.jwk, use: 'enc' },
            { ...one.jwk, key_ops: ['sign'] },
            { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
            null,
            1,
            { kty: 'EC', crv: 'secp256k1' },
          ],
        }),
    ],
  ])('keeps its keys when the source %s', async (_what, broken) => {
    const { source, ring } = ringOver(() => Promise.resolve({ keys: [one.jwk] }));
    await ring.loaded();
    source.load = broken;
    source.now = 61_000;
    expect(ring.current).toBeDefined();
    await expect.poll(() => source.failures).toBe(1);
    expect(ring.find(header('one'))).toBeDefined();
  });

  it('says unavailable, not invalid, of an unknown kid while the source fails', async () => {
    const { source, ring } = ringOver(() => Promise.resolve({ keys: [one.jwk] }));
    await ring.loaded();
    source.load = () => Promise.reject(new Error('away'));
    source.now = 30_000;
    await expect(ring.fetch(header('two'))).rejects.toMatchObject({ error: 'unavailable' });
  });

  it('takes a key only for the algorithms of its type, and only for the one it names', async () => {
    const { ring } = ringOver(() => Promise.resolve({ keys: [{ ...p256('ec').jwk }, { ...one.jwk, alg: 'ES256' }] }));
    await ring.loaded();
    expect(ring.find(header('ec', 'ES256'))).toBeDefined();
    for (const alg of ['ES384', 'EdDSA', 'RS256', 'HS256', 'none']) expect(ring.find(header('ec', alg))).toBeUndefined();
    expect(ring.find(header('one'))).toBeUndefined();
  });
});

describe('fetchJwks', () => {
  const servers: Server[] = [];
  const serve = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer).listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  it('reads a key set and nothing beside its keys', async () => {
    const url = await serve((_request, response) => response.end(JSON.stringify({ keys: [one.jwk], issuer: 'veche' })));
    expect(await fetchJwks(url)).toEqual({ keys: [one.jwk] });
  });

  it.each<[string, RequestListener, RegExp]>([
    ['a status of 500', (_request, response) => void response.writeHead(500).end(JSON.stringify({ keys: [one.jwk] })), /status 500/],
    ['a page of HTML', (_request, response) => void response.end('<html>'), /JSON/],
    ['no keys', (_request, response) => void response.end('{}'), /not a key set/],
    ['a redirect', (_request, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(), /fetch failed|redirect/],
    ['a huge body', (_request, response) => void response.end(Buffer.alloc(300_000, ' ')), /larger than 262144/],
    ['silence', () => undefined, /timeout|aborted/i],
    ['a body that never ends', (_request, response) => void response.write('{"keys":['), /timeout|aborted/i],
  ])('rejects on %s', async (_what, answer, reason) => {
    const began = performance.now();
    await expect(fetchJwks(await serve(answer))).rejects.toThrow(reason);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
