import type { CloseRow } from '@veche/contracts';

/** A session as the hub and delivery see it: somewhere to write shared bytes. */
export interface Recipient {
  /** Index of its language and framing in the variant table. */
  readonly variant: number;
  /** More than the soft bound waits for it: signals are left out. */
  readonly pressed: boolean;
  /** '' for an anonymous session. */
  readonly user: string;
  /** Writes shared bytes; never throws, closes the session when its outbox is over the bound. */
  deliver(frame: Buffer): void;
  /** One document of its own, at the end of this turn. */
  send(document: string): void;
  close(reason: CloseRow): void;
}
