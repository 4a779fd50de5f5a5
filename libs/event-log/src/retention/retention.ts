/** How much of a channel's history is kept. */

export interface KeptHistory {
  /** Events; absent: any number. */
  readonly size?: number | undefined;
  /** Milliseconds; absent: for ever. */
  readonly ttl_ms?: number | undefined;
}

/** Provided by the owner of namespaces under RETENTION; without it nothing is ever trimmed. */
export interface Retention {
  /** `undefined`: everything is kept. Never asked about threads and inboxes. */
  of(channel: string): KeptHistory | undefined;
}

export const RETENTION = Symbol('Retention');

export const NO_RETENTION: Retention = { of: () => undefined };
