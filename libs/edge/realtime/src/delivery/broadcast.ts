import { Injectable } from '@nestjs/common';
import { JOINED, LEFT, type Signal } from '@veche/contracts';
import { type ChannelState, isEvent, type Item } from '../hub/channel-state.ts';
import { VARIANTS } from '../hub/groups.ts';
import type { Recipient } from '../hub/recipient.ts';
import type { Subscription } from '../hub/subscription.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { GatewayTraces } from '../traces.telemetry.ts';
import { CHUNK, DirectSend } from './direct-send.ts';
import { frames, VARIANT_TABLE } from './variants.ts';

const isJoin = (item: Item): boolean => item.kind === JOINED || item.kind === LEFT;

/**
 * Encodes what a channel has waiting once per variant and writes the same bytes to every subscriber. A large channel is written to in
 * parts, so that others have their turn between them; what it gets meanwhile waits until the parts are out, and is then one frame.
 */
@Injectable()
export class Broadcast {
  constructor(
    private readonly direct: DirectSend,
    private readonly telemetry: RealtimeTelemetry,
    private readonly traces: GatewayTraces,
  ) {}

  /** Begins to send; the rest follows in the next turns of the event loop. */
  send(state: ChannelState): void {
    if (!state.sending) this.carryOn(state);
  }

  /** Sends all of it now. */
  flush(state: ChannelState): void {
    do {
      state.sending ??= this.begin(state);
      while (state.sending && !state.sending.next().done);
      state.sending = null;
    } while (state.waits);
  }

  private carryOn(state: ChannelState): void {
    state.sending ??= this.begin(state);
    if (state.sending?.next().done) state.sending = null;
    if (state.sending || state.waits) setImmediate(() => this.carryOn(state));
  }

  private begin(state: ChannelState): Iterator<void> | null {
    const items = state.takePending();
    return items && state.groups.size > 0 ? this.parts(state, items) : null;
  }

  /** Yields between two parts. */
  private *parts(state: ChannelState, items: readonly Item[]): Generator<void, void, void> {
    const spans = this.traces.delivering(items, state.groups.size);
    const joins = items.some(isJoin);
    const shared = joins ? items.filter((item) => !isJoin(item)) : items;
    for (let variant = 0; variant < VARIANTS; variant++) {
      const group = state.groups.of(variant);
      if (!group || group.length === 0) continue;
      if (shared.length > 0) yield* this.toAll(group, variant, shared);
      if (joins)
        yield* this.toAll(
          group.filter(({ joins: asked }) => asked),
          variant,
          items.filter(isJoin) as Signal[],
        );
    }
    this.telemetry.delivered(state, items);
    if (spans) for (const span of spans) span.end();
  }

  private *toAll(group: readonly Subscription[], variant: number, items: readonly Item[]): Generator<void, void, void> {
    const all = bytesOf(variant, items);
    // A group that is left while it is walked changes its order; whoever joins has had what is being sent (see the catch-up).
    const members = group.length > CHUNK ? [...group] : group;
    let calm: Buffer | null | undefined;
    for (let end = members.length; end > 0; end -= CHUNK) {
      if (end < members.length) yield;
      for (const session of this.part(members, Math.max(0, end - CHUNK), end, all)) {
        // Signals are dropped first: a session under pressure gets the events alone.
        if (session.pressed && calm === undefined) calm = eventsAlone(variant, items, all);
        const bytes = session.pressed ? calm : all;
        if (bytes) session.deliver(bytes);
      }
    }
  }

  /** The innermost loop of the product. Returns those who must be written to by themselves. */
  private part(members: readonly Subscription[], from: number, to: number, bytes: Buffer): readonly Recipient[] {
    const others: Recipient[] = [];
    for (let at = from; at < to; at++) {
      const { index, session } = members[at]!;
      // It has left since the first part.
      if (index < 0) continue;
      if (session.pressed || !this.direct.take(session)) others.push(session);
    }
    this.direct.send(bytes);
    return others;
  }
}

/** As few frames as the frame bound allows, in one buffer: a write each would cost more than all they carry. */
function bytesOf(variant: number, items: readonly Item[]): Buffer {
  const all = frames(variant, textsOf(variant, items));
  return all.length === 1 ? all[0]! : Buffer.concat(all);
}

function eventsAlone(variant: number, items: readonly Item[], all: Buffer): Buffer | null {
  const events = items.filter(isEvent);
  if (events.length === items.length) return all;
  return events.length > 0 ? bytesOf(variant, events) : null;
}

export function textsOf(variant: number, items: readonly Item[]): string[] {
  const { event, signal } = VARIANT_TABLE[variant]!;
  return items.map((item) => (isEvent(item) ? event(item) : signal(item)));
}
