import { Inject, Injectable } from '@nestjs/common';
import { type ClientInfo, type Grant, JOINED, LEFT } from '@veche/contracts';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import type { OptionOverride } from '../auth/index.ts';
import type { Subscription } from '../hub/subscription.ts';
import type { Session } from '../session/session.ts';
import { clientInfo } from './client-info.ts';
import { Edges } from './edges.ts';
import { PresenceStore } from './presence-store.ts';

/** Why a subscription is known to others: in the list of who is present, by join and leave, or both. */
const LISTED = 1;
const ANNOUNCED = 2;
const BY_EDGE = 4;

/** Tells a channel who comes and goes, as its options say. */
@Injectable()
export class Announcer {
  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    private readonly store: PresenceStore,
    private readonly edges: Edges,
  ) {}

  joined(subscription: Subscription, { options }: Grant, override: OptionOverride | undefined): void {
    const listed = override?.presence ?? options.presence;
    const announced = override?.join_leave ?? options.join_leave;
    if (!listed && !announced) return;
    const info = clientInfo(subscription.session as Session, subscription.info);
    subscription.present = (listed ? LISTED : 0) | (announced ? ANNOUNCED : 0) | (options.presence_mode === 'edge' ? BY_EDGE : 0);
    if (listed) void this.store.add(subscription.channel, info);
    if (announced) this.announce(subscription, JOINED, info);
  }

  left(subscription: Subscription): void {
    if (subscription.present === 0) return;
    const info = clientInfo(subscription.session as Session, subscription.info);
    if (subscription.present & LISTED) void this.store.remove(subscription.channel, info.client);
    if (subscription.present & ANNOUNCED) this.announce(subscription, LEFT, info);
    subscription.present = 0;
  }

  private announce({ channel, present }: Subscription, kind: string, info: ClientInfo): void {
    if (!(present & BY_EDGE)) this.bus.signal([{ channel, kind, actor: info.user, data: JSON.stringify(info), meta: null }]);
    else if (kind === JOINED) this.edges.joined(channel, info);
    else this.edges.left(channel, info);
  }
}
