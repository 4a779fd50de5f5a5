/** Every error a client can meet: one row each; docs/protocol.md is generated from here. */
export interface ErrorRow {
  /** The Centrifugo protocol's number, or one of its application range 400-1999. */
  readonly code: number;
  readonly meaning: string;
  /** What the client should do. */
  readonly advice: string;
  /** The same request may succeed later. */
  readonly retryable: boolean;
  readonly http: number;
}

const row = (code: number, http: number, retryable: boolean, meaning: string, advice: string): ErrorRow => ({ code, http, retryable, meaning, advice });

export const ERRORS = {
  internal: row(100, 500, true, 'internal failure', 'send it again with the same command_id after a pause'),
  unauthorized: row(101, 401, false, 'not authenticated', 'sign in and send the token'),
  unknown_channel: row(102, 404, false, 'no such channel', 'check the name and its namespace'),
  permission_denied: row(103, 403, false, 'not permitted', 'ask an owner of the channel for access'),
  method_not_found: row(104, 404, false, 'method not known', 'see the list of operations'),
  already_subscribed: row(105, 409, false, 'already subscribed', 'use the subscription there is'),
  limit_exceeded: row(106, 400, false, 'a limit is exceeded', 'use fewer or smaller parts'),
  bad_request: row(107, 400, false, 'malformed request', 'correct the fields that are named'),
  not_available: row(108, 404, false, 'not available here', 'the feature is off for this channel or server'),
  token_expired: row(109, 401, false, 'token expired', 'fetch a new token and connect again'),
  expired: row(110, 400, false, 'already expired', 'ask with a time in the future'),
  too_many_requests: row(111, 429, true, 'too many requests', 'wait as long as retry_after says'),
  unrecoverable_position: row(112, 409, false, 'unrecoverable position', 'load the state anew, then read on from the returned position'),
  not_found: row(404, 404, false, 'not found', 'check the id'),
  conflict: row(409, 409, false, 'conflicts with what exists', 'read the current state, then decide'),
  too_large: row(413, 413, false, 'larger than 65,536 bytes', 'send less at once'),
  unavailable: row(503, 503, true, 'not available at the moment, nothing was done', 'send it again after a pause'),
  outcome_unknown: row(504, 504, true, 'no answer in time, the outcome is unknown', 'send it again with the same command_id until it is answered'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorName = keyof typeof ERRORS;

/** Thrown on the way of a request; doors turn it into their own form of an error. */
export class VecheError extends Error {
  override readonly name = 'VecheError';
  readonly error: ErrorName;
  readonly details: readonly FieldProblem[];
  readonly retryAfterMs: number | undefined;

  /** @param message shown to the client: no SQL, no host, no other user's data. */
  constructor(error: ErrorName, message: string = ERRORS[error].meaning, details: readonly FieldProblem[] = [], retryAfterMs?: number) {
    super(message);
    this.error = error;
    this.details = details;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface FieldProblem {
  /** Dotted path within the request. */
  readonly path: string;
  readonly message: string;
}
