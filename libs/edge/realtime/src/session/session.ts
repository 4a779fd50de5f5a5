import { type CloseRow, DISCONNECTS } from '@veche/contracts';
import { ANONYMOUS, type Identity } from '../auth/index.ts';
import { frames } from '../delivery/variants.ts';
import type { Connection, Peer, Transport } from '../door.ts';
import type { Recipient } from '../hub/recipient.ts';
import type { Subscription } from '../hub/subscription.ts';
import type { LanguageHandler, SessionServices } from './services.ts';

/** `new`: has said nothing. `authenticating`: what it says is held. `refused`: told why, closed in a moment. */
export type SessionPhase = 'new' | 'authenticating' | 'live' | 'refused' | 'closed';

/**
 * One connected client, whatever its transport. It acts on exactly five things: a frame, the peer gone, the token expiring,
 * the write deadline, the heartbeat; the last three come from shared wheels, so an idle session owns no timer, closure, Map or array.
 */
export class Session implements Connection, Recipient {
  phase: SessionPhase = 'new';
  identity: Identity = ANONYMOUS;
  /** Unique id that clients see. */
  client = '';
  /** Why its connect was refused. */
  refusal: CloseRow = DISCONNECTS.invalid_token;
  /** Instead of the ping of its language: a WebSocket ping frame, if the client asked for it. */
  ownPing: Buffer | null = null;
  /** Bearer secret of a stream's uplink; '' for a WebSocket. */
  secret = '';
  pressed = false;
  /** First of its subscriptions; the list is short, so finding one is a walk. */
  subscriptions: Subscription | null = null;
  subscriptionCount = 0;
  /** What came while it was being authenticated. */
  held: string[] | null = null;
  /** Channels with a command under way, and what waits behind it. */
  lanes: Map<string, Promise<void>> | null = null;
  /** Commands whose answers are not there yet. */
  inFlight = 0;
  /** Of a stream whose uplink came by other processes: the last call of each. */
  uplinks: Map<string, number> | null = null;
  private replies: string[] | null = null;

  /** Bytes written in all, and of those the ones proven to have been read: a pong proves all before its ping. */
  sent = 0;
  answered = 0;
  /** `sent` when the last ping left. */
  pingMark = 0;
  /** Monotonic ms of the last ping that still waits for a sign of life; 0: none. */
  pingAt = 0;
  /** Monotonic ms of the ping whose pong will prove `pingMark`; 0: none is out. */
  askedAt = 0;
  /** False: the client never answers pings, so neither silence nor unanswered bytes say anything. */
  pongs = false;
  /** Monotonic ms since when bytes have been waiting; 0: none. */
  waitingSince = 0;
  /** Place on the heartbeat wheel. */
  slot = -1;
  slotIndex = -1;
  dueTick = 0;
  dueIndex = -1;
  /** Monotonic ms when it has been here for too long; 0: never, or it waits to leave already. */
  oldAt = 0;
  /** Of the same user. */
  nextOfUser: Session | null = null;

  constructor(
    readonly transport: Transport,
    /** Without its credential once that has been used. */
    public peer: Peer,
    readonly variant: number,
    readonly language: LanguageHandler<Session>,
    readonly services: SessionServices<Session>,
  ) {}

  get user(): string {
    return this.identity.user;
  }

  /** Not while replies wait: they leave together with what comes next. */
  get descriptor(): number {
    return this.replies !== null || this.phase === 'closed' ? -1 : this.transport.descriptor;
  }

  frame(message: Buffer): void {
    if (this.phase === 'closed') return;
    // Any frame is a sign of life; only a pong proves that what was written has been read.
    this.pingAt = 0;
    this.language.frame(this, message);
  }

  pong(): void {
    this.pingAt = 0;
    this.askedAt = 0;
    this.answered = Math.max(this.answered, this.pingMark);
    if (this.transport.waitingBytes === 0) this.pressed = false;
  }

  /** @param reason why we ended it; undefined: the peer went */
  gone(reason?: CloseRow): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    this.services.ended(this, reason);
  }

  close(reason: CloseRow): void {
    if (this.phase === 'closed') return;
    const farewell = this.language.farewell?.(this, reason);
    if (farewell !== undefined) this.send(farewell);
    const last = this.takeReplies();
    this.gone(reason);
    // Past the judgement of the outbox: whoever is closed for being slow would be closed for its farewell again, without end.
    for (const frame of last) this.transport.write(frame);
    this.services.closing(this, reason);
    this.transport.close(reason);
  }

  deliver(frame: Buffer): void {
    if (this.phase === 'closed') return;
    // A sender's reply and its own event leave in one write: a second one would cost eight times the copy.
    if (this.replies !== null) this.write(Buffer.concat([...this.takeReplies(), frame]));
    else this.write(frame);
  }

  send(document: string): void {
    if (this.phase === 'closed') return;
    if (this.replies !== null) {
      this.replies.push(document);
      return;
    }
    this.replies = [document];
    this.services.replies(this);
  }

  /** What it is to be answered, as frames; the caller writes them now. */
  takeReplies(): readonly Buffer[] {
    const documents = this.replies;
    this.replies = null;
    return documents === null || this.phase === 'closed' ? [] : frames(this.variant, documents);
  }

  rest(bytes: Buffer, taken: number): void {
    this.transport.rest(bytes, taken);
  }

  write(bytes: Buffer): void {
    this.transport.write(bytes);
    this.delivered(bytes.length);
  }

  delivered(bytes: number): void {
    if (this.phase === 'closed') return;
    this.sent += bytes;
    // Read after a write only, never by polling: 0 while the peer keeps up.
    if (this.transport.waitingBytes !== 0 || (this.pongs && this.sent - this.answered > this.services.unansweredSoft)) this.services.pressed(this);
  }
}
