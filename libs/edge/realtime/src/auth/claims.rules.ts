/** What the claims of a token must be before it is believed. Times in seconds, as in the token. */
import { UserId, VecheError } from '@veche/contracts';
import type { CompactJwt } from './compact-jwt.ts';
import type { JsonObject } from './strict-json.ts';

/** What an issuer has to put into its tokens. */
export interface ClaimPolicy {
  /** Exactly this `iss`; absent: any or none. */
  readonly issuer?: string;
  /** Must be among `aud`; absent: any or none. */
  readonly audience?: string;
  /** Allowed values of the header's `typ`, lower case; `undefined` stands for an absent one. */
  readonly types: readonly (string | undefined)[];
  /** Claims that must be present as non-empty text. */
  readonly texts: readonly string[];
  /** Times that must be present. */
  readonly times: readonly string[];
}

/** Access tokens of our own service. */
export const ownPolicy = (issuer: string, audience: string): ClaimPolicy => ({
  issuer,
  audience,
  types: ['at+jwt'],
  texts: ['iss', 'sub', 'sid', 'jti'],
  times: ['exp', 'iat'],
});

/** Another issuer states what it sends; everything is optional unless configured, as in Centrifugo. */
export const foreignPolicy = (issuer: string | undefined, audience: string | undefined): ClaimPolicy => ({
  ...(issuer !== undefined && { issuer }),
  ...(audience !== undefined && { audience }),
  types: [undefined, 'jwt', 'at+jwt'],
  texts: [],
  times: [],
});

const TIMES = ['exp', 'nbf', 'iat', 'expire_at'];
const TEXTS = ['iss', 'sub', 'sid', 'jti'];

/** The first thing that is wrong with a token whatever the time is; said to the client, so it names no configured value. */
export function problemOf({ header, claims }: CompactJwt, policy: ClaimPolicy): string | undefined {
  if (!policy.types.includes(header.typ?.toLowerCase())) return 'typ is not of a token for this server';
  if (policy.issuer !== undefined && claims['iss'] !== policy.issuer) return 'iss is not an issuer that this server trusts';
  if (policy.audience !== undefined && !audienceOf(claims).includes(policy.audience)) return 'aud does not name this server';
  return problemOfTexts(claims, policy) ?? problemOfTimes(claims, policy);
}

function problemOfTexts(claims: JsonObject, { texts }: ClaimPolicy): string | undefined {
  const missing = texts.find((name) => !claims[name]);
  if (missing) return `${missing} is missing`;
  const wrong = TEXTS.find((name) => claims[name] !== undefined && (typeof claims[name] !== 'string' || claims[name].length > 256));
  if (wrong) return `${wrong} must be text`;
  return claims['sub'] && !UserId.safeParse(claims['sub']).success ? 'sub must be 1 to 96 characters of A-Z a-z 0-9 _ . : / @ | + = ~ -' : undefined;
}

function problemOfTimes(claims: JsonObject, { times }: ClaimPolicy): string | undefined {
  const missing = times.find((name) => claims[name] === undefined);
  if (missing) return `${missing} is missing`;
  const wrong = TIMES.find((name) => claims[name] !== undefined && !Number.isSafeInteger(claims[name]));
  return wrong && `${wrong} must be a whole number of seconds`;
}

function audienceOf(claims: JsonObject): readonly unknown[] {
  const { aud } = claims;
  return Array.isArray(aud) ? aud : [aud];
}

/** The part of a token that has to be looked at again each time it is shown. Seconds. */
export interface TokenTimes {
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly expireAt?: number;
}

/** @throws VecheError `token_expired`, or `unauthorized` for a token from the future */
export function requireTimely({ exp, nbf, iat, expireAt = 0 }: TokenTimes, nowSeconds: number, leewaySeconds: number): void {
  // A session that has to end at once is not begun: the client would come back with the same token.
  const ends = Math.min(exp ?? Number.POSITIVE_INFINITY, expireAt > 0 ? expireAt : Number.POSITIVE_INFINITY);
  if (ends + leewaySeconds <= nowSeconds) throw new VecheError('token_expired');
  const begins = Math.max(nbf ?? Number.NEGATIVE_INFINITY, iat ?? Number.NEGATIVE_INFINITY);
  if (begins - leewaySeconds > nowSeconds) throw new VecheError('unauthorized', 'the token is not valid yet; check the clock of its issuer');
}
