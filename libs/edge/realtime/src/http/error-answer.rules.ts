/** An error as an HTTP answer: the same form on every route. */
import { ERRORS, type FieldProblem, VecheError } from '@veche/contracts';

export interface ErrorBody {
  readonly error: {
    readonly code: number;
    readonly name: string;
    readonly message: string;
    readonly advice: string;
    readonly retryable: boolean;
    readonly details?: readonly FieldProblem[];
    readonly retry_after_ms?: number;
  };
}

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

/** Of what passes by itself, where nobody knows better. */
const RETRY_MS = 1_000;

/** Whatever was thrown; what is not ours is `internal` and tells nothing of itself. */
export function errorAnswer(thrown: unknown): ErrorAnswer {
  const error = knownError(thrown) ?? new VecheError('internal');
  const { code, http, advice, retryable } = ERRORS[error.error];
  // 500 may be for ever; the others pass, and a client that is not told when comes back at once.
  const wait = error.retryAfterMs ?? (retryable && http !== 500 ? RETRY_MS : undefined);
  return {
    status: http,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...(wait !== undefined && { 'Retry-After': String(Math.max(1, Math.ceil(wait / 1000))) }),
      ...(http === 401 && { 'WWW-Authenticate': 'Bearer' }),
    },
    body: {
      error: {
        code,
        name: error.error,
        message: error.message,
        advice,
        retryable,
        ...(error.details.length > 0 && { details: error.details }),
        ...(wait !== undefined && { retry_after_ms: Math.ceil(wait) }),
      },
    },
  };
}

/** Errors of the HTTP server itself say by a status what is wrong with the request; anything else is ours to hide. */
export function knownError(thrown: unknown): VecheError | undefined {
  if (thrown instanceof VecheError) return thrown;
  const { statusCode, status = statusCode } = (thrown ?? {}) as { status?: number; statusCode?: number };
  if (status === 413) return new VecheError('too_large');
  if (status === 404) return new VecheError('not_found', 'no such address; the list is in /openapi.json');
  if (status === 401) return new VecheError('unauthorized');
  if (status === 503) return new VecheError('unavailable');
  return typeof status === 'number' && status >= 400 && status < 500 ? new VecheError('bad_request', 'the request is malformed') : undefined;
}
