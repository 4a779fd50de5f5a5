import type { CloseRow } from '@veche/contracts';

/** A session as the hub and delivery see it: somewhere to write shared bytes. */
export interface Recipient {
  /** Index of its language and framing in the variant table. */
  readonly variant: number;
  /** More than the soft bound waits for it: signals are left out. */
  readonly pressed: boolean;
  /** '' for an anonymous session. */
  readonly user: string;
  /** Where shared bytes may be sent past this session, -1 when they may not be. True for this moment only. */
  readonly descriptor: number;
  /** Of bytes sent there the kernel took so many, or answered with minus an error number; called only if that is not all. */
  rest(bytes: Buffer, taken: number): void;
  /** So many bytes were sent there; may close the session as `deliver` does. */
  delivered(bytes: number): void;
  /** Writes shared bytes; never throws, closes the session when its outbox is over the bound. */
  deliver(frame: Buffer): void;
  /** One document of its own, at the end of this turn. */
  send(document: string): void;
  close(reason: CloseRow): void;
}
