/** One record of a channel's log; immutable. `data` and `meta` are JSON text: the bytes admitted are the bytes shown. */
export interface ChannelEvent {
  readonly channel: string;
  readonly epoch: string;
  /** 1, 2, 3 … without gaps within the channel. */
  readonly seq: number;
  /** UUIDv7 minted by the owner. */
  readonly id: string;
  readonly kind: string;
  readonly actor: string;
  readonly command_id: string;
  /** Milliseconds since 1970, the database's clock at append. */
  readonly ts: number;
  readonly data: string;
  /** JSON text of `EventMeta`, or null. */
  readonly meta: string | null;
  /** W3C trace context of the command's handling, if that was traced. Only on the fan-out: never stored, never shown to a client. */
  readonly traceparent?: string;
}

/** What a publication carries beside its data. */
export interface EventMeta {
  readonly info?: ClientInfo;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A publisher or a present client, in the form that clients see. */
export interface ClientInfo {
  readonly user: string;
  readonly client: string;
  readonly conn_info?: unknown;
  readonly chan_info?: unknown;
}

/** An ephemeral message on a channel: never stored, never numbered, first to be dropped. */
export interface Signal {
  readonly channel: string;
  readonly kind: string;
  readonly actor: string;
  /** JSON text. */
  readonly data: string;
  readonly meta: string | null;
}
