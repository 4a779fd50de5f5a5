import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONTROL, type Control, DISCONNECTS, type Signal, UNSUBSCRIBES } from '@veche/contracts';
import { concerns, Revocations, type Revoked } from '../auth/index.ts';
import { GrantCache } from '../grants/grant-cache.ts';
import { Hub } from '../hub/hub.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import type { Session } from '../session/session.ts';
import { Sessions } from '../session/sessions.ts';
import { find } from '../session/subscriptions.ts';
import { Subscriber } from '../subscribe/subscriber.ts';

/** Carries out what backends and revocations say of live sessions: each pod hears all and acts on its own. */
@Injectable()
export class Controls implements OnModuleInit, OnApplicationShutdown {
  private forget: (() => void) | undefined;

  // allowed: size: two sources of orders, and what each order is carried out on
  constructor(
    private readonly hub: Hub,
    private readonly sessions: Sessions,
    private readonly subscriber: Subscriber,
    private readonly cache: GrantCache,
    private readonly revocations: Revocations,
    private readonly telemetry: RealtimeTelemetry,
  ) {}

  onModuleInit(): void {
    this.hub.onControl = (signal) => this.hear(signal);
    this.forget = this.revocations.onRevoked((revoked) => this.revoke(revoked));
  }

  async onApplicationShutdown(): Promise<void> {
    this.forget?.();
  }

  private hear({ kind, data }: Signal): void {
    if (kind !== CONTROL) return;
    try {
      this.carryOut(JSON.parse(data) as Control);
    } catch (error) {
      this.telemetry.unexpected(error, 'a control was not understood');
    }
  }

  private carryOut(control: Control): void {
    if (control.do === 'disconnect') this.disconnect(control);
    else if (control.do === 'subscribe') void this.subscribe(control);
    else if (control.do === 'unsubscribe') this.unsubscribe(control);
    // `revoke` is heard by Revocations, which tells us.
  }

  private disconnect(control: Extract<Control, { do: 'disconnect' }>): void {
    for (const session of this.of(control))
      if (!control.whitelist?.includes(session.client)) session.close({ code: control.code, reason: control.reason, meaning: '' });
  }

  private async subscribe(control: Extract<Control, { do: 'subscribe' }>): Promise<void> {
    const { channel, info, data, override = {} } = control;
    for (const session of this.of(control)) {
      if (find(session, channel)) continue;
      try {
        const prepared = await this.subscriber.prepare(session, { channel, server: { info, data, override } });
        session.send(session.language.subscribed(channel, this.subscriber.commit(prepared)));
      } catch (error) {
        this.telemetry.unexpected(error, 'a session could not be subscribed');
      }
    }
  }

  private unsubscribe(control: Extract<Control, { do: 'unsubscribe' }>): void {
    this.cache.drop(control.channel, control.user);
    for (const session of this.of(control)) {
      const subscription = find(session, control.channel);
      if (subscription) this.subscriber.end(subscription, UNSUBSCRIBES.by_server);
    }
  }

  private revoke(revoked: Revoked): void {
    const candidates = revoked.user === undefined ? this.sessions.all() : this.sessions.of(revoked.user);
    for (const session of candidates) if (concerns(revoked, session.identity)) session.close(DISCONNECTS.invalid_token);
  }

  private of({ user, client, session: secret }: { readonly user: string; readonly client?: string; readonly session?: string }): Session[] {
    return this.sessions
      .of(user)
      .filter((one) => one.phase === 'live' && (client === undefined || one.client === client) && (secret === undefined || one.secret === secret));
  }
}
