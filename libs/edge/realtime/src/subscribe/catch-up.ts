import { Injectable } from '@nestjs/common';
import { type CloseRow, UNSUBSCRIBES, type VecheError } from '@veche/contracts';
import { textsOf } from '../delivery/broadcast.ts';
import { Turn } from '../delivery/turn.ts';
import { frames } from '../delivery/variants.ts';
import type { ChannelState } from '../hub/channel-state.ts';
import type { Subscription } from '../hub/subscription.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import type { Session } from '../session/session.ts';
import { Recovery } from './recovery.ts';

/** Between looks at an outbox that has not drained: doubles up to the longest. */
const SHORTEST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 100;
const RETRY_MS = 500;

/**
 * Sends a long gap in pages, as fast as the client reads and no faster, then lets the subscription into the shared set.
 * Live events wait in the log meanwhile: they are read from there when it is their turn.
 */
@Injectable()
export class CatchUp {
  /** Set by the subscriber: ends one subscription with a word to the client. */
  end: (subscription: Subscription, reason: CloseRow) => void = () => {};

  constructor(
    private readonly recovery: Recovery,
    private readonly turn: Turn,
    private readonly telemetry: RealtimeTelemetry,
  ) {}

  /** The session stands at `cursor`, below the top of the channel. Never rejects. */
  async run(subscription: Subscription, session: Session, state: ChannelState, cursor: number): Promise<void> {
    let at = cursor;
    while (subscription.phase === 'catching_up') {
      await untilRead(session);
      const events = await this.recovery.page(state, at).catch((error: unknown) => this.later(error));
      if (subscription.phase !== 'catching_up') return;
      if (events === 'later') continue;
      if (state.gone || !events) return this.end(subscription, UNSUBSCRIBES.insufficient_state);
      for (const frame of frames(session.variant, textsOf(session.variant, events))) session.deliver(frame);
      at = events.at(-1)!.seq;
      if (at === state.last) this.join(subscription, state);
    }
  }

  /** The session has everything up to `last`: from the next event on it gets the shared bytes. */
  join(subscription: Subscription, state: ChannelState): void {
    // What others still wait for in this turn, this one has had already.
    this.turn.flush(state);
    subscription.phase = 'live';
    state.groups.add(subscription);
  }

  private async later(error: unknown): Promise<'later'> {
    if ((error as VecheError).name !== 'VecheError') this.telemetry.unexpected(error, 'a page of the log cannot be read');
    await pause(RETRY_MS);
    return 'later';
  }
}

/** Until nothing waits and most of what was sent has been answered. A session that ends meanwhile counts as read. */
async function untilRead(session: Session): Promise<void> {
  let wait = SHORTEST_WAIT_MS;
  while (session.phase === 'live' && !hasRead(session)) {
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

const hasRead = (session: Session): boolean =>
  session.transport.waitingBytes === 0 && (!session.pongs || session.sent - session.answered <= session.services.unansweredSoft);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
