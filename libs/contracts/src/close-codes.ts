/** Why a session or subscription ends: Centrifugo's numbers; docs/protocol.md is generated from here. */
export interface CloseRow {
  readonly code: number;
  /** Plain text that must not parse as JSON: clients parse it first. */
  readonly reason: string;
  readonly meaning: string;
}

const row = (code: number, reason: string, meaning: string): CloseRow => ({ code, reason, meaning });

/** 3000-3499: the client reconnects; 3500-3999: it stays away. */
export const DISCONNECTS = {
  shutdown: row(3001, 'shutdown', 'this pod is going away, connect to another'),
  server_error: row(3004, 'internal server error', 'our fault, reconnect'),
  expired: row(3005, 'connection expired', 'the token ran out, reconnect with a new one'),
  subscription_expired: row(3006, 'subscription expired', 'a server-side subscription ran out, reconnect'),
  slow: row(3008, 'slow', 'the client reads too slowly; reconnect and resume'),
  write_error: row(3009, 'write error', 'a write failed, reconnect'),
  insufficient_state: row(3010, 'insufficient state', 'the position of a server-side subscription was lost, reconnect and resume'),
  force_reconnect: row(3011, 'force reconnect', 'asked to reconnect'),
  no_pong: row(3012, 'no pong', 'a ping was not answered in time'),
  too_many_requests: row(3013, 'too many requests', 'too many commands'),
  state_invalidated: row(3014, 'state invalidated', 'rights changed: fetch a new token, load the state anew'),
  invalid_token: row(3500, 'invalid token', 'the token is not valid or was revoked'),
  bad_request: row(3501, 'bad request', 'the protocol was violated'),
  stale: row(3502, 'stale', 'no connect command within the time allowed'),
  force_no_reconnect: row(3503, 'force disconnect', 'disconnected by the server, stay away'),
  connection_limit: row(3504, 'connection limit', 'too many connections'),
  channel_limit: row(3505, 'channel limit', 'too many channels'),
  not_permitted: row(3507, 'permission denied', 'not permitted'),
  not_available: row(3508, 'not available', 'the feature is not served and no reply is possible'),
  too_many_errors: row(3509, 'too many errors', 'too many errors'),
} as const satisfies Record<string, CloseRow>;

export type DisconnectName = keyof typeof DISCONNECTS;

/** Below 2500 the client stays unsubscribed; from 2500 on it subscribes again at once. */
export const UNSUBSCRIBES = {
  by_server: row(2000, 'server unsubscribe', 'rights to the channel were revoked'),
  insufficient_state: row(2500, 'insufficient state', 'the position was lost, subscribe again and resume'),
  expired: row(2501, 'subscription expired', 'the subscription ran out, subscribe again with a new token'),
} as const satisfies Record<string, CloseRow>;

export type UnsubscribeName = keyof typeof UNSUBSCRIBES;
