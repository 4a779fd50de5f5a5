/** Takes a compact JWT apart, strictly: a token has exactly one spelling that passes. */
import { type JsonObject, parseStrictObject } from './strict-json.ts';

/** Characters of a token; a longer one is refused before anything is decoded. */
export const MAX_TOKEN_LENGTH = 8192;

const PART = /^[A-Za-z0-9_-]+$/;

export interface CompactJwt {
  readonly header: JwtHeader;
  readonly claims: JsonObject;
  /** What was signed. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

export interface JwtHeader {
  readonly alg: string;
  readonly kid?: string;
  readonly typ?: string;
}

/** `undefined` for anything that is not one well-formed signed token. Nothing in it is to be believed yet. */
export function parseJwt(token: string): CompactJwt | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  const [head, body, tail, more] = token.split('.', 4).map(decodePart);
  if (!head || !body || !tail || more !== undefined || countDots(token) !== 2) return undefined;
  const header = readHeader(parseStrictObject(head));
  const claims = header && parseStrictObject(body);
  if (!header || !claims) return undefined;
  return { header, claims, signed: Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1'), signature: tail };
}

const countDots = (token: string): number => token.split('.').length - 1;

/** Node decodes base64url leniently (padding, '+', '/', white space, left-over bits), so what was decoded must encode to the same text. */
function decodePart(part: string): Buffer | undefined {
  if (!PART.test(part)) return undefined;
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}

/**
 * `crit` demands that unknown extensions are understood, `cty` and `enc` announce another token inside, `zip` packed bytes: all refused.
 * `jku`, `jwk`, `x5u`, `x5c` are not read anywhere: keys come from configuration only.
 */
function readHeader(header: JsonObject | undefined): JwtHeader | undefined {
  if (!header || ['crit', 'cty', 'enc', 'zip', 'b64'].some((name) => Object.hasOwn(header, name))) return undefined;
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || !isOptionalText(kid) || !isOptionalText(typ)) return undefined;
  return { alg, ...(kid !== undefined && { kid }), ...(typ !== undefined && { typ }) };
}

const isOptionalText = (value: unknown): value is string | undefined => value === undefined || (typeof value === 'string' && value.length <= 256);
