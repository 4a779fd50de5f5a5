import type { CloseRow } from '@veche/contracts';
import type { Joined } from '../subscribe/wish.ts';

/** One language of the doors; one object for all sessions that speak it. Generic, so that this file knows no session. */
export interface LanguageHandler<Session> {
  frame(session: Session, message: Buffer): void;
  /** Document that a transport without close codes is sent before its end. */
  farewell?(session: Session, reason: CloseRow): string | undefined;
  /** Document that tells of a subscription's end. */
  unsubscribed(channel: string, reason: CloseRow): string;
  /** Document that tells of a subscription that the server has added. */
  subscribed(channel: string, joined: Joined): string;
}

/** What a session needs of its process; one object for all. */
export interface SessionServices<Session> {
  /** Bytes without an answered ping from which on the outbox looks closer. */
  readonly unansweredSoft: number;
  /** Has replies to flush at the end of this turn. */
  replies(session: Session): void;
  /** Bytes are waiting, or many were not answered. */
  pressed(session: Session): void;
  /** Once, whoever ended it: everything that knows the session forgets it. */
  /** @param reason why we ended it; undefined: the peer went */
  ended(session: Session, reason?: CloseRow): void;
  /** Ends subscriptions whose own token ended before this moment, ms since 1970. */
  subscriptionsExpire(session: Session, before: number): void;
  /** One of its subscriptions has a token that ends. */
  subscriptionExpires(session: Session): void;
  /** The server ends it. */
  closing(session: Session, reason: CloseRow): void;
}
