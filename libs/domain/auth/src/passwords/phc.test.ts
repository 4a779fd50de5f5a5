import { describe, expect, it } from 'vitest';
import { decodeHash, encodeHash } from './phc.ts';

const HASH = { memory: 19_456, passes: 2, parallelism: 1, salt: Buffer.alloc(16, 1), hash: Buffer.alloc(32, 2) };

describe('the text form of a hash', () => {
  it('is read as it was written', () => expect(decodeHash(encodeHash(HASH))).toEqual(HASH));

  it.each([
    '',
    'secret',
    '$2b$10$abcdefghijklmnopqrstuv',
    encodeHash(HASH).replace('argon2id', 'argon2i'),
    encodeHash(HASH).replace('m=19456', 'm=99999999'),
    encodeHash(HASH).slice(0, 60),
    `${encodeHash(HASH)}\n`,
  ])('lets nobody in by %s', (text) => expect(decodeHash(text)).toBeUndefined());
});
