/** What a controller offers to the HTTP server, and nothing of the server itself. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

export type Verb = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface HttpRequest {
  readonly headers: IncomingHttpHeaders;
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** At most 65,536 bytes, not yet read as anything. */
  readonly body: Buffer | undefined;
  readonly raw: IncomingMessage;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Becomes JSON; absent: no body. */
  readonly body?: unknown;
  /** Sent as it stands instead of `body`. */
  readonly bytes?: Buffer | string;
}

export interface HttpRoute {
  readonly verb: Verb;
  /** `:name` is a parameter, a final `*` the rest. */
  readonly path: string;
  /** Throws VecheError: the server turns it into an answer. */
  readonly handle: (request: HttpRequest) => Answer | Promise<Answer>;
}

/** Controllers list their routes; the server mounts them. */
export interface HttpController {
  routes(): readonly HttpRoute[];
}

/** User data: no cache may keep it. */
export const PRIVATE = { 'Cache-Control': 'private, no-store' } as const;

export const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = PRIVATE): Answer => ({ status, headers, body });
