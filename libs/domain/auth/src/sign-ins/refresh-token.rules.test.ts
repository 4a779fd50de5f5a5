import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chain, decide, hashOf, newSecret, newSid, nextSecret, readToken, type RefreshToken, writeToken } from './refresh-token.rules.ts';

const GRACE = 10_000;

/** A chain refreshed some times, with all tokens it ever gave. */
function chainOf(refreshes: number, age = 0): { chain: Chain; tokens: RefreshToken[] } {
  const [sid, key] = [newSid(), randomBytes(32)];
  const secrets = [newSecret()];
  for (let at = 0; at < refreshes; at++) secrets.push(nextSecret(secrets[at]!, key));
  const tokens = secrets.map((secret, generation) => readToken(writeToken(sid, generation, secret, key))!);
  return { chain: { key, generation: refreshes, secretHash: hashOf(secrets.at(-1)!), age }, tokens };
}

describe('a refresh token', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.nat(0xffffffff),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (id, generation, secret) => {
          const sid = Buffer.from(id).toString('base64url');
          expect(readToken(writeToken(sid, generation, Buffer.from(secret), Buffer.alloc(32)))).toMatchObject({ sid, generation, secret: Buffer.from(secret) });
        },
      ),
    );
  });

  it('has one spelling', () => {
    const text = writeToken(newSid(), 0, newSecret(), Buffer.alloc(32));
    for (const other of [`${text}=`, ` ${text}`, `${text}\n`, text.slice(4), text.slice(0, -1), text.toUpperCase()]) expect(readToken(other)).toBeUndefined();
  });

  it('rotates when it is the current one, repeats within the grace when it is the one before, and else gives the theft away', () => {
    const { chain, tokens } = chainOf(3, GRACE);
    expect(tokens.map((token) => decide(token, chain, GRACE))).toEqual(['revoke', 'revoke', 'repeat', 'rotate']);
    expect(decide(tokens[2]!, { ...chain, age: GRACE + 1 }, GRACE)).toBe('revoke');
    expect(decide(tokens[3]!, { ...chain, age: GRACE + 1 }, GRACE)).toBe('rotate');
  });

  it('of an ended session is unknown', () => {
    expect(decide(chainOf(0).tokens[0]!, undefined, GRACE)).toBe('unknown');
  });

  it('with any bit changed is unknown: nobody can end a session by inventing tokens', () => {
    const { chain, tokens } = chainOf(2);
    fc.assert(
      fc.property(fc.nat(2), fc.integer({ min: 16, max: 67 }), fc.nat(7), (which, byte, bit) => {
        const bytes = Buffer.from(writeToken(tokens[which]!.sid, which, tokens[which]!.secret, chain.key).slice(4), 'base64url');
        bytes[byte]! ^= 1 << bit;
        expect(decide(readToken(`vrt_${bytes.toString('base64url')}`)!, chain, GRACE)).toBe('unknown');
      }),
    );
  });

  it('stays found out after thousands of refreshes, at the same cost', () => {
    const { chain, tokens } = chainOf(5000);
    expect(decide(tokens[0]!, chain, GRACE)).toBe('revoke');
  });

  it('cannot be made from what the database holds', () => {
    const { chain, tokens } = chainOf(1);
    const invented = readToken(writeToken(tokens[1]!.sid, 1, newSecret(), chain.key))!;
    expect(decide(invented, chain, GRACE)).toBe('unknown');
  });
});
