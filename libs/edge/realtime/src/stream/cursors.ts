import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Cursor } from '@veche/contracts';
import { Turn } from '../delivery/turn.ts';
import type { ChannelState } from '../hub/channel-state.ts';
import { formatPositions } from '../http/positions.rules.ts';
import type { Session } from '../session/session.ts';
import { subscriptionsOf } from '../session/subscriptions.ts';

const EVERY_MS = 1_000;

/**
 * Moves `Last-Event-ID` of sources with several channels: their chunks carry no id, so that they can be shared; once a second each
 * source whose channels have moved gets the position of all of them by itself. After a cut up to a second is repeated, never skipped.
 */
@Injectable()
export class Cursors implements OnApplicationShutdown {
  private readonly sent = new Map<Session, string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly turn: Turn) {}

  add(session: Session): void {
    this.sent.set(session, '');
    this.move(session);
    this.timer ??= setInterval(() => this.tick(), EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    for (const session of this.sent.keys()) {
      if (session.phase === 'closed') this.sent.delete(session);
      else this.move(session);
    }
    if (this.sent.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private move(session: Session): void {
    const positions = positionsOf(session, this.turn);
    // A long gap is still going out: the last position that was whole stays the one to come back to.
    if (!positions) return;
    const id = formatPositions(positions);
    if (id === this.sent.get(session)) return;
    this.sent.set(session, id);
    session.send(`event: cursor\nid: ${id}\ndata: .\n\n`);
  }
}

function positionsOf(session: Session, turn: Turn): (Cursor & { readonly channel: string })[] | undefined {
  const positions: (Cursor & { channel: string })[] = [];
  for (const { channel, phase, state } of subscriptionsOf(session)) {
    if (phase !== 'live' || !state) return undefined;
    const place = state as ChannelState;
    if (!place.durable || place.epoch === '') continue;
    // What waits for the end of this turn is below the position, so it must be out first.
    turn.flush(place);
    positions.push({ channel, epoch: place.epoch, seq: place.last });
  }
  return positions;
}
