import { VecheError } from '@veche/contracts';
import fc from 'fast-check';
import { importJWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIENCE, ed25519, type Gate, HMAC_SECRET, hmacToken, ISSUER, issueTestToken, openGate, ownClaims } from '../../tests/auth/tokens.fixture.ts';
import { parseStrictObject } from './strict-json.ts';

const key = ed25519('own-1');
let gate: Gate;
let token: string;

beforeAll(async () => {
  gate = await openGate({ own: [key], config: { AUTH_HMAC_SECRET: HMAC_SECRET } });
  token = await issueTestToken(key);
});
afterAll(() => gate.revocations.stop());

/** The token with a few characters replaced, removed or doubled. */
const mutations = fc.array(fc.record({ at: fc.nat(10_000), with: fc.string({ maxLength: 3 }), remove: fc.nat(3) }), { minLength: 1, maxLength: 4 });
const mutate = (text: string, changes: readonly { at: number; with: string; remove: number }[]): string =>
  changes.reduce((now, { at, with: put, remove }) => {
    const place = at % (now.length + 1);
    return now.slice(0, place) + put + now.slice(place + remove);
  }, text);

const verdict = (attempt: string): Promise<unknown> => gate.verifier.verify(attempt).catch((error: unknown) => error);

describe('whatever is sent as a token', () => {
  it('ends in an identity or a typed error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          mutations.map((changes) => mutate(token, changes)),
        ),
        async (text) => {
          const result = await verdict(text);
          expect(text === token || (result instanceof VecheError && result.error === 'unauthorized')).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is never accepted where jose refuses it', async () => {
    const publicKey = await importJWK(key.jwk, 'EdDSA');
    const claims = fc.record({
      iss: fc.constantFrom(ISSUER, 'other'),
      aud: fc.constantFrom(AUDIENCE, [AUDIENCE, 'x'], 'x'),
      sub: fc.constantFrom('ann', ''),
      exp: fc.constantFrom(1, 4_000_000_000),
      nbf: fc.constantFrom(1, 4_000_000_000),
      typ: fc.constantFrom('at+jwt', 'JWT'),
    });
    await fc.assert(
      fc.asyncProperty(claims, fc.boolean(), async ({ typ, ...changed }, mine) => {
        const text = await issueTestToken(mine ? key : ed25519('own-1'), { ...ownClaims(), ...changed }, { typ });
        const ours = !((await verdict(text)) instanceof Error);
        const theirs = await jwtVerify(text, publicKey, { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['EdDSA'], clockTolerance: 5 }).then(
          ({ payload }) => payload.sub !== '',
          () => false,
        );
        expect(ours).toBe(theirs);
      }),
      { numRuns: 300 },
    );
  });

  it('signed with the shared secret may hold any JSON in its claims', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.constantFrom('sub', 'exp', 'nbf', 'iat', 'aud', 'iss', 'info', 'b64info', 'subs', 'channels', 'caps', 'meta', 'expire_at', 'name', 'channel'),
          fc.jsonValue(),
        ),
        async (claims) => {
          const result = await verdict(await hmacToken(claims as Record<string, never>));
          expect(result instanceof VecheError || !(result instanceof Error)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('strict JSON', () => {
  it('takes every object that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })), (object) => {
        const text = JSON.stringify(object);
        expect(parseStrictObject(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses an object in which a name stands twice, however it is written', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.jsonValue({ maxDepth: 2 }), fc.boolean(), (name, value, escaped) => {
        const units = Array.from({ length: name.length }, (_, at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`);
        const again = escaped ? `"${units.join('')}"` : JSON.stringify(name);
        const text = `{"list":[{ ${JSON.stringify(name)} :${JSON.stringify(value)},\n${again}\t: 1}]}`;
        expect(parseStrictObject(Buffer.from(text))).toBeUndefined();
      }),
    );
  });
});
