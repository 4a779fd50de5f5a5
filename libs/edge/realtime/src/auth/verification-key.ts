/** Public keys that tokens are checked with, each bound to the algorithms of its type. */
import { createHmac, createPublicKey, type JsonWebKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import type { CompactJwt } from './compact-jwt.ts';
import { isObject, type JsonObject } from './strict-json.ts';

/** Checks a signature made with one key. */
export interface VerificationKey {
  /** A token of another algorithm is refused before the key is touched: an RSA key never serves as an HMAC secret. */
  readonly algorithms: readonly string[];
  verifies(jwt: CompactJwt): boolean;
}

const HASHES: Readonly<Record<string, string>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' };
const hashOf = (alg: string): string => HASHES[alg.slice(2)] ?? 'sha256';

const CURVES: Readonly<Record<string, { readonly alg: string; readonly signatureBytes: number }>> = {
  'P-256': { alg: 'ES256', signatureBytes: 64 },
  'P-384': { alg: 'ES384', signatureBytes: 96 },
  'P-521': { alg: 'ES512', signatureBytes: 132 },
};

/** Shorter moduli can be factored; longer ones make one verification cost milliseconds. */
const RSA_BITS = { min: 2048, max: 8192 };

/** A shared secret: HS256, HS384, HS512. */
export function secretKey(secret: string): VerificationKey {
  return {
    algorithms: ['HS256', 'HS384', 'HS512'],
    verifies: ({ header, signed, signature }) => {
      const expected = createHmac(hashOf(header.alg), secret).update(signed).digest();
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    },
  };
}

/** Reads a JWK; `undefined` if it is not a public signature key of a type that we take. Private members are never looked at. */
export function publicKey(jwk: unknown): VerificationKey | undefined {
  if (!isObject(jwk) || !mayVerify(jwk)) return undefined;
  try {
    return keyOfType(jwk);
  } catch {
    return undefined;
  }
}

function mayVerify({ use, key_ops: operations }: JsonObject): boolean {
  if (use !== undefined && use !== 'sig') return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

function keyOfType(jwk: JsonObject): VerificationKey | undefined {
  const { kty, crv, x, y, n, e } = jwk as Record<string, string>;
  if (kty === 'OKP' && crv === 'Ed25519')
    return bind(jwk, ['EdDSA', 'Ed25519'], { kty, crv, x }, ({ signed, signature }, key) => verify(null, signed, key, signature));
  if (kty === 'EC' && crv !== undefined && CURVES[crv]) {
    const { alg, signatureBytes } = CURVES[crv];
    return bind(jwk, [alg], { kty, crv, x, y }, ({ header, signed, signature }, key) => {
      return signature.length === signatureBytes && verify(hashOf(header.alg), signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
    });
  }
  if (kty !== 'RSA') return undefined;
  return bind(jwk, ['RS256', 'RS384', 'RS512'], { kty, n, e }, ({ header, signed, signature }, key) => verify(hashOf(header.alg), signed, key, signature));
}

function bind(
  jwk: JsonObject,
  possible: readonly string[],
  members: Record<string, string | undefined>,
  check: (jwt: CompactJwt, key: KeyObject) => boolean,
): VerificationKey | undefined {
  const algorithms = jwk['alg'] === undefined ? possible : possible.filter((alg) => alg === jwk['alg']);
  const key = createPublicKey({ key: members as JsonWebKey, format: 'jwk' });
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (algorithms.length === 0 || (bits !== undefined && (bits < RSA_BITS.min || bits > RSA_BITS.max))) return undefined;
  return { algorithms, verifies: (jwt) => check(jwt, key) };
}
