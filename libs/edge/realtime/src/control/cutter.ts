import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type ChannelEvent, MemberRemoved, UNSUBSCRIBES } from '@veche/contracts';
import { GrantCache } from '../grants/grant-cache.ts';
import { Grants } from '../grants/grants.ts';
import type { ChannelState } from '../hub/channel-state.ts';
import { Hub } from '../hub/hub.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import type { Subscription } from '../hub/subscription.ts';
import type { Session } from '../session/session.ts';
import { Sessions } from '../session/sessions.ts';
import { find } from '../session/subscriptions.ts';
import { Subscriber } from '../subscribe/subscriber.ts';

/** Ends subscriptions that may not go on. */
@Injectable()
export class Cutter implements OnModuleInit {
  // allowed: size: it stands between the log's events, rights and live sessions
  constructor(
    private readonly hub: Hub,
    private readonly cache: GrantCache,
    private readonly grants: Grants,
    private readonly sessions: Sessions,
    private readonly subscriber: Subscriber,
    private readonly telemetry: RealtimeTelemetry,
  ) {}

  onModuleInit(): void {
    this.hub.onMembership = (state, event, fresh) => this.membership(state, event, fresh);
  }

  /** Rights of one user on a thread have changed. */
  private membership(state: ChannelState | undefined, event: ChannelEvent, fresh: boolean): void {
    const user = userOf(event);
    this.cache.drop(event.channel, user);
    if (event.kind !== MemberRemoved.kind || user === undefined) return;
    if (fresh && state) this.cut(user, event.channel);
    else void this.askAgain(user, event.channel);
  }

  /** An event that was seen before, or is not in order: the user may be a member again by now, so the owner is asked. */
  private async askAgain(user: string, channel: string): Promise<void> {
    for (const session of this.sessions.of(user)) {
      if (!find(session, channel)) continue;
      const grant = await this.grants.of(session.identity, channel).catch((error: unknown) => this.telemetry.unexpected(error, 'rights cannot be asked for'));
      const subscription = find(session, channel);
      if (grant && !grant.subscribe && subscription) this.end(session, subscription);
    }
  }

  private cut(user: string, channel: string): void {
    for (const session of this.sessions.of(user)) {
      const subscription = find(session, channel);
      if (subscription) this.end(session, subscription);
    }
  }

  /** A session on its way in has been told nothing yet: its opening fails instead. */
  private end(session: Session, subscription: Subscription): void {
    this.subscriber.end(subscription, session.phase === 'live' ? UNSUBSCRIBES.by_server : undefined);
  }
}

/** `undefined`: everybody's rights may have changed. */
function userOf(event: ChannelEvent): string | undefined {
  try {
    const { user } = JSON.parse(event.data) as { user?: unknown };
    return typeof user === 'string' ? user : undefined;
  } catch {
    return undefined;
  }
}
