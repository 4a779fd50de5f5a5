/** Questions to the auth service. */
import { z } from 'zod';
import { UserId } from '../ids.ts';
import { request } from '../message.ts';

export interface User {
  readonly id: string;
  readonly login: string;
  readonly name: string;
}

/** What a sign-in or a refresh gives. */
export interface Tokens {
  /** JWT, for every door. */
  readonly token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  /** Opaque, used once: each refresh gives the next. */
  readonly refresh_token: string;
  readonly user: User;
}

/** A JWK Set, and what the tokens signed with these keys carry. */
export interface Jwks {
  readonly keys: readonly Record<string, unknown>[];
  readonly issuer: string;
  readonly audience: string;
}

/** Names a sign-in session, a single token, or a user's tokens issued before a moment. */
export interface Revocation {
  /** Grows in the order of commits; the cursor of the next pull. */
  readonly seq: number;
  readonly sid: string | null;
  readonly jti: string | null;
  /** Beside a `sid` it only says whose that is. */
  readonly user: string | null;
  /** Milliseconds since 1970: with it, `user` names tokens issued before. */
  readonly issued_before: number | null;
  /** Milliseconds since 1970 when no token can need it any more. */
  readonly expires_at: number;
}

export const Login = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9_.@+-]{1,64}$/, 'must be 1 to 64 characters of a-z 0-9 _ . @ + -');
const Password = z.string().min(8, 'must have at least 8 characters').max(256);
/** The address of the client, for the growing delay of failed sign-ins. */
const Address = z.string().max(64);

export const RegisterUser = request<Tokens>()(
  'auth.register-user.v1',
  z.strictObject({ login: Login, password: Password, name: z.string().trim().min(1).max(100).optional(), address: Address.optional() }),
);
export const IssueToken = request<Tokens>()(
  'auth.issue-token.v1',
  z.strictObject({ login: z.string().max(256), password: z.string().max(1024), address: Address.optional() }),
);
export const RefreshToken = request<Tokens>()('auth.refresh-token.v1', z.strictObject({ refresh_token: z.string().max(512) }));
/** Ends the sign-in session of the refresh token: its access tokens stop working on live sockets too. */
export const EndSession = request<Record<string, never>>()('auth.end-session.v1', z.strictObject({ refresh_token: z.string().max(512) }));
export const ListKeys = request<Jwks>()('auth.list-keys.v1', z.strictObject({}));
/** Known users among these; unknown ids and logins are simply absent. */
export const FindUsers = request<{ users: readonly User[] }>()(
  'auth.find-users.v1',
  z.strictObject({
    ids: z.array(UserId).max(1000).default([]),
    logins: z.array(z.string().max(64)).max(1000).default([]),
    /** Prefix of a login or name. */ prefix: z.string().max(64).optional(),
  }),
);
/**
 * A page of the revocations after a cursor, those first that were committed first; ask again from `last` until a page is empty.
 * A `last` below `after` says that the database was set back to an earlier state: begin again from 0.
 */
export const ListRevocations = request<{ revocations: readonly Revocation[]; last: number }>()(
  'auth.list-revocations.v1',
  z.strictObject({ after: z.int().min(0) }),
);
const Moment = z.int().min(0);
/** Ends exactly one of: a sign-in session, a single token (`jti`), all that a user signed in with before now (or `issued_before`, ms). Tokens of other issuers too. */
export const RevokeTokens = request<Record<string, never>>()(
  'auth.revoke-tokens.v1',
  z
    .strictObject({
      sid: z.string().min(1).max(256).optional(),
      jti: z.string().min(1).max(256).optional(),
      user: UserId.optional(),
      issued_before: Moment.optional(),
      /** When the last token that it concerns has expired, in ms; default 30 days from now. */
      expires_at: Moment.optional(),
    })
    .refine(({ sid, jti, user }) => [sid, jti, user].filter((name) => name !== undefined).length === 1, 'give exactly one of sid, jti, user'),
);
/** A single-use ticket for a socket, at most 30 s old when it is redeemed. */
export const IssueTicket = request<{ ticket: string; expires_in: number }>()(
  'auth.issue-ticket.v1',
  z.strictObject({ token: z.string().max(8192), origin: z.string().max(256).optional() }),
);
export const RedeemTicket = request<{ token: string }>()(
  'auth.redeem-ticket.v1',
  z.strictObject({ ticket: z.string().max(128), origin: z.string().max(256).optional() }),
);
