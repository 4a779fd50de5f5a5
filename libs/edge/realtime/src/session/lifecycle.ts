import { Injectable } from '@nestjs/common';
import { type CloseRow, DISCONNECTS, UNSUBSCRIBES, VecheError } from '@veche/contracts';
import { Turn } from '../delivery/turn.ts';
import type { Peer, Transport } from '../door.ts';
import { SessionLimits } from '../limits/limits.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { Subscriber } from '../subscribe/subscriber.ts';
import { Heartbeat } from './heartbeat.ts';
import type { LanguageHandler, SessionServices } from './services.ts';
import { Session } from './session.ts';
import { Sessions } from './sessions.ts';
import { subscriptionsOf } from './subscriptions.ts';

/** Told to go to another process: many behind one address are, at a rollout, and none of them may be counted as somebody who keeps coming back. */
const SENT_ELSEWHERE: ReadonlySet<CloseRow> = new Set([DISCONNECTS.shutdown, DISCONNECTS.force_reconnect]);

/** Makes sessions and takes them apart. */
@Injectable()
export class Lifecycle implements SessionServices<Session> {
  readonly unansweredSoft: number;
  /** Set while the process drains: whoever comes now is sent elsewhere. */
  draining = false;

  // allowed: size: each is a place that knows a session while it lives, or counts it
  constructor(
    private readonly sessions: Sessions,
    private readonly heartbeat: Heartbeat,
    private readonly turn: Turn,
    private readonly subscriber: Subscriber,
    private readonly limits: SessionLimits,
    private readonly telemetry: RealtimeTelemetry,
  ) {
    this.unansweredSoft = heartbeat.unansweredSoft;
    telemetry.queueLength = () => heartbeat.waiting;
  }

  open(transport: Transport, peer: Peer, language: LanguageHandler<Session>, variant: number): Session {
    const session = new Session(transport, peer, variant, language, this);
    this.sessions.opened(session);
    this.limits.sessionOpened(peer.address);
    this.telemetry.sessionOpened(transport.door);
    if (this.draining) session.close(DISCONNECTS.shutdown);
    else if (this.sessions.isOverfull) session.close(DISCONNECTS.connection_limit);
    else this.heartbeat.opened(session);
    return session;
  }

  /** @throws VecheError when a new session would be closed at once. */
  requireRoom(): void {
    if (this.draining) throw new VecheError('unavailable', 'this process is going away: connect again', [], 1_000);
    if (this.sessions.isFull) throw new VecheError('unavailable', 'too many sessions here: connect again after a pause', [], 5_000);
  }

  /** The session has said who it is and its reply is written. */
  live(session: Session): void {
    session.phase = 'live';
    this.sessions.identified(session);
    this.heartbeat.live(session);
  }

  /** The connect was answered with an error: the client is expected to go by itself. */
  refuse(session: Session, refusal: CloseRow): void {
    session.phase = 'refused';
    session.refusal = refusal;
    session.held = null;
    this.heartbeat.refused(session);
  }

  /** Its token has been renewed. */
  renewed(session: Session): void {
    this.heartbeat.expiring(session);
  }

  replies(session: Session): void {
    this.turn.replies(session);
  }

  pressed(session: Session): void {
    this.heartbeat.pressed(session);
  }

  subscriptionExpires(session: Session): void {
    this.heartbeat.expiring(session);
  }

  subscriptionsExpire(session: Session, before: number): void {
    for (const subscription of subscriptionsOf(session)) {
      if (subscription.expiresAt === 0 || subscription.expiresAt > before) continue;
      this.subscriber.end(subscription, subscription.essential ? DISCONNECTS.subscription_expired : UNSUBSCRIBES.expired);
    }
  }

  ended(session: Session, reason?: CloseRow): void {
    this.heartbeat.ended(session);
    this.sessions.ended(session);
    this.subscriber.endAll(session);
    session.held = null;
    session.lanes = null;
    this.limits.sessionEnded(session.peer.address);
    if (!reason || !SENT_ELSEWHERE.has(reason)) this.limits.mayReturn(session.peer.address, session.user);
    this.telemetry.sessionEnded(session.transport.door);
  }

  closing(session: Session, reason: CloseRow): void {
    this.telemetry.sessionClosed(session.transport.door, reason);
  }
}
