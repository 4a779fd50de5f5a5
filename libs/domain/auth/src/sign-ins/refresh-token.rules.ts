/**
 * Refresh tokens of a sign-in session form a chain: each is used once and gives the next.
 * The session's row holds a chain key and the hash of the current secret, and nothing grows with the number of refreshes:
 * a token carries a tag by the chain key, so that any earlier token of the chain can be told from an invented one.
 * The database alone gives nobody a token; a token alone does not give the next one.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const PREFIX = 'vrt_';
const SID_BYTES = 16;
const SECRET_BYTES = 32;
const TAG_BYTES = 16;
const TOKEN_BYTES = SID_BYTES + 4 + SECRET_BYTES + TAG_BYTES;

export interface RefreshToken {
  readonly sid: string;
  /** 0 for the token of the sign-in itself. */
  readonly generation: number;
  readonly secret: Buffer;
  readonly tag: Buffer;
}

/** The chain as the database knows it. */
export interface Chain {
  readonly key: Buffer;
  /** Of the current token. */
  readonly generation: number;
  readonly secretHash: Buffer;
  /** Milliseconds since the current token was given, by the database's clock. */
  readonly age: number;
}

export const newSid = (): string => randomBytes(SID_BYTES).toString('base64url');
export const newSecret = (): Buffer => randomBytes(SECRET_BYTES);
export const hashOf = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();
/** Needs the chain key and the token before. */
export const nextSecret = (secret: Buffer, key: Buffer): Buffer => createHmac('sha256', key).update('next').update(secret).digest();

export function writeToken(sid: string, generation: number, secret: Buffer, key: Buffer): string {
  return PREFIX + Buffer.concat([idBytes(sid, generation), secret, tagOf(sid, generation, secret, key)]).toString('base64url');
}

/** `undefined` for anything that is not the one spelling of a token. */
export function readToken(text: string): RefreshToken | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  if (bytes.length !== TOKEN_BYTES || PREFIX + bytes.toString('base64url') !== text) return undefined;
  const secretAt = SID_BYTES + 4;
  return {
    sid: bytes.toString('base64url', 0, SID_BYTES),
    generation: bytes.readUInt32BE(SID_BYTES),
    secret: bytes.subarray(secretAt, secretAt + SECRET_BYTES),
    tag: bytes.subarray(secretAt + SECRET_BYTES),
  };
}

/**
 * `rotate`: it is the current token. `repeat`: its answer may have been lost, give the same successor again: whoever else holds it
 * then holds the same, and the second of the two to use it is found out. `revoke`: a spent token, somebody has a copy.
 * `unknown`: not of this chain, and nothing may be done to the session because of it.
 */
export type Decision = 'rotate' | 'repeat' | 'revoke' | 'unknown';

export function decide(token: RefreshToken, chain: Chain | undefined, graceMs: number): Decision {
  if (!chain || !timingSafeEqual(token.tag, tagOf(token.sid, token.generation, token.secret, chain.key))) return 'unknown';
  if (token.generation > chain.generation) return 'unknown';
  if (token.generation === chain.generation) return hashOf(token.secret).equals(chain.secretHash) ? 'rotate' : 'unknown';
  const isLast = token.generation === chain.generation - 1 && hashOf(nextSecret(token.secret, chain.key)).equals(chain.secretHash);
  return isLast && chain.age <= graceMs ? 'repeat' : 'revoke';
}

function idBytes(sid: string, generation: number): Buffer {
  const bytes = Buffer.alloc(SID_BYTES + 4);
  bytes.write(sid, 'base64url');
  bytes.writeUInt32BE(generation, SID_BYTES);
  return bytes;
}

const tagOf = (sid: string, generation: number, secret: Buffer, key: Buffer): Buffer =>
  createHmac('sha256', key).update('tag').update(idBytes(sid, generation)).update(secret).digest().subarray(0, TAG_BYTES);
