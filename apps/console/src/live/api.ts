/** The REST calls of signing in; everything else goes over the connection. */
import type { Tokens } from '@veche/contracts';

/** A refusal or a failure, as a sentence that can be shown. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    message: string,
    /** 0: no answer at all. */
    readonly status: number,
  ) {
    super(message);
  }
}

/** Where the server is, whatever path the page is served under. */
export const at = (path: string): string => new URL(path, document.baseURI).toString();

const TIMEOUT_MS = 10_000;

export async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(at(path), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {
    throw new ApiError('The server does not answer. Check that it runs, then try again.', 0);
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(sentence(answer, response), response.status);
  return answer as T;
}

export const register = (login: string, password: string, name: string): Promise<Tokens> => post('auth/register', { login, password, name });
export const issueToken = (login: string, password: string): Promise<Tokens> => post('auth/token', { login, password });
export const refresh = (refresh_token: string): Promise<Tokens> => post('auth/refresh', { refresh_token });
export const logout = (refresh_token: string): Promise<unknown> => post('auth/logout', { refresh_token });

function sentence(answer: unknown, response: Response): string {
  const { error, message } = (answer ?? {}) as { error?: unknown; message?: unknown };
  const nested = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : undefined;
  const text = [nested, message].find((one) => typeof one === 'string');
  if (response.status === 429) return `Too many attempts. Try again in ${response.headers.get('retry-after') ?? 'a few'} seconds.`;
  return text ? capital(text as string) : `The server answered ${response.status}. Try again in a moment.`;
}

export function capital(text: string): string {
  const whole = /[.!?]$/.test(text) ? text : `${text}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}
