/** An EdDSA key pair, in memory and as the database keeps it. */
import { createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject, randomBytes } from 'node:crypto';
import { keyFrom, seal, unseal } from '../sealing.ts';
import type { KeyTimes } from './key-rotation.rules.ts';

export interface SigningKey extends KeyTimes {
  readonly privateKey: KeyObject;
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

export interface KeyRow extends KeyTimes {
  readonly publicJwk: JsonWebKey;
  /** PKCS #8, encrypted if `sealed`. */
  readonly privateKey: Buffer;
  readonly sealed: boolean;
}

const PURPOSE = 'signing key';

export function makeKey(useFrom: number, secret: string | undefined): KeyRow {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const kid = randomBytes(9).toString('base64url');
  const plain = privateKey.export({ format: 'der', type: 'pkcs8' });
  const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' };
  return sealKey({ kid, useFrom, publicJwk, privateKey: plain, sealed: false }, secret);
}

/** Encrypts a key that is stored as it is, once there is a secret to do it with. */
export function sealKey(row: KeyRow, secret: string | undefined): KeyRow {
  if (row.sealed || secret === undefined) return row;
  return { ...row, privateKey: seal(row.privateKey, keyFrom(secret, PURPOSE), row.kid), sealed: true };
}

/** @throws Error that says what an operator can do */
export function openKey({ kid, useFrom, publicJwk, privateKey, sealed }: KeyRow, secret: string | undefined): SigningKey {
  const plain = sealed ? unsealWith(privateKey, secret, kid) : privateKey;
  return { kid, useFrom, publicJwk: { ...publicJwk }, privateKey: createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' }) };
}

function unsealWith(sealed: Buffer, secret: string | undefined, kid: string): Buffer {
  const remedy = 'give AUTH_KEY_SECRET the value that it was encrypted with, or delete the rows of signing_key, which ends every sign-in';
  if (secret === undefined) throw new Error(`signing key ${kid} is encrypted and AUTH_KEY_SECRET is not set: ${remedy}`);
  try {
    return unseal(sealed, keyFrom(secret, PURPOSE), kid);
  } catch {
    throw new Error(`signing key ${kid} cannot be decrypted with AUTH_KEY_SECRET: ${remedy}`);
  }
}
