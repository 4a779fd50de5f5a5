import { Injectable } from '@nestjs/common';
import { JOINED, LEFT, type Signal } from '@veche/contracts';
import { type ChannelState, isEvent, type Item } from '../hub/channel-state.ts';
import { VARIANTS } from '../hub/groups.ts';
import type { Recipient } from '../hub/recipient.ts';
import type { Subscription } from '../hub/subscription.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { frames, VARIANT_TABLE } from './variants.ts';

const isJoin = (item: Item): boolean => item.kind === JOINED || item.kind === LEFT;

/** Encodes what a channel has waiting once per variant and writes the same bytes to every subscriber. */
@Injectable()
export class Broadcast {
  constructor(private readonly telemetry: RealtimeTelemetry) {}

  send(state: ChannelState): void {
    const items = state.takePending();
    if (!items || state.groups.size === 0) return;
    const joins = items.some(isJoin);
    const shared = joins ? items.filter((item) => !isJoin(item)) : items;
    for (let variant = 0; variant < VARIANTS; variant++) {
      const group = state.groups.of(variant);
      if (!group || group.length === 0) continue;
      if (shared.length > 0) toAll(group, variant, shared);
      if (joins) toThoseWhoAsked(group, variant, items.filter(isJoin) as Signal[]);
    }
    this.telemetry.delivered(state, items);
  }
}

/** The innermost loop of the product: from the end, because a session that is closed on the way leaves the group. */
function toAll(group: readonly Subscription[], variant: number, items: readonly Item[]): void {
  const all = frames(variant, textsOf(variant, items));
  // Signals are dropped first: a session under pressure gets the events alone.
  const calm = items.every(isEvent) ? all : undefined;
  let events: Buffer[] | undefined = calm;
  for (let at = group.length - 1; at >= 0; at--) {
    const { session } = group[at]!;
    if (!session.pressed) deliver(session, all);
    else deliver(session, (events ??= eventsAlone(variant, items)));
  }
}

function deliver(session: Recipient, all: readonly Buffer[]): void {
  for (let at = 0; at < all.length; at++) session.deliver(all[at]!);
}

function eventsAlone(variant: number, items: readonly Item[]): Buffer[] {
  const events = items.filter(isEvent);
  return events.length > 0 ? frames(variant, textsOf(variant, events)) : [];
}

function toThoseWhoAsked(group: readonly Subscription[], variant: number, joins: readonly Signal[]): void {
  const all = frames(variant, textsOf(variant, joins));
  for (let at = group.length - 1; at >= 0; at--) {
    const { joins: asked, session } = group[at]!;
    if (asked && !session.pressed) deliver(session, all);
  }
}

export function textsOf(variant: number, items: readonly Item[]): string[] {
  const { event, signal } = VARIANT_TABLE[variant]!;
  return items.map((item) => (isEvent(item) ? event(item) : signal(item)));
}
