import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Control, type Steered, SteerSessions, UNSUBSCRIBES, VecheError } from '@veche/contracts';
import { textsOf } from '../delivery/broadcast.ts';
import { GrantCache } from '../grants/grant-cache.ts';
import { CallServer } from '../node/index.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import type { Session } from '../session/session.ts';
import { Sessions } from '../session/sessions.ts';
import { find } from '../session/subscriptions.ts';
import { Subscriber } from '../subscribe/subscriber.ts';

/** Does to live sessions of this process what a backend has asked of some process of the edge. */
@Injectable()
export class Steering implements OnModuleInit {
  // allowed: size: who asks, and what each order is carried out on
  constructor(
    private readonly served: CallServer,
    private readonly sessions: Sessions,
    private readonly subscriber: Subscriber,
    private readonly cache: GrantCache,
    private readonly telemetry: RealtimeTelemetry,
  ) {}

  onModuleInit(): void {
    this.served.serve(SteerSessions, (control) => this.carryOut(control));
  }

  /** @throws VecheError for what a newer process may have asked */
  async carryOut(control: Control): Promise<Steered> {
    if (control.do === 'disconnect') return this.disconnect(control);
    if (control.do === 'subscribe') return this.subscribe(control);
    if (control.do === 'unsubscribe') return this.unsubscribe(control);
    throw new VecheError('not_available', 'this process does not know how to do that');
  }

  private disconnect(control: Extract<Control, { do: 'disconnect' }>): Steered {
    const sessions = this.of(control).filter(({ client }) => !control.whitelist?.includes(client));
    for (const session of sessions) session.close({ code: control.code, reason: control.reason, meaning: '' });
    return { sessions: sessions.length };
  }

  private async subscribe(control: Extract<Control, { do: 'subscribe' }>): Promise<Steered> {
    const settled = await Promise.allSettled(this.of(control).map((session) => this.add(session, control)));
    const failed = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    const [refused] = failed.filter((reason) => reason instanceof VecheError);
    for (const reason of failed) if (!(reason instanceof VecheError)) this.telemetry.unexpected(reason, 'a session could not be subscribed');
    return { sessions: settled.length - failed.length, ...(refused && { refused: { error: refused.error, message: refused.message } }) };
  }

  /** Whoever is subscribed already stays so. */
  private async add(session: Session, control: Extract<Control, { do: 'subscribe' }>): Promise<void> {
    const { channel, info, data, override = {}, recover_since: recover, expires_at: expiresAt } = control;
    if (find(session, channel)) return;
    const prepared = await this.subscriber.prepare(session, { channel, recover, server: { info, data, override, expiresAt } });
    const joined = this.subscriber.commit(prepared);
    // What was missed follows as pushes: clients look for none in the push of a subscription.
    session.send(session.language.subscribed(channel, { ...joined, publications: [] }));
    for (const text of textsOf(session.variant, joined.publications)) session.send(text);
  }

  private unsubscribe(control: Extract<Control, { do: 'unsubscribe' }>): Steered {
    this.cache.drop(control.channel, control.user);
    let sessions = 0;
    for (const session of this.of(control)) {
      const subscription = find(session, control.channel);
      if (!subscription) continue;
      sessions++;
      this.subscriber.end(subscription, UNSUBSCRIBES.by_server);
    }
    return { sessions };
  }

  private of({ user, client, session: secret }: { readonly user: string; readonly client?: string; readonly session?: string }): Session[] {
    return this.sessions
      .of(user)
      .filter((one) => one.phase === 'live' && (client === undefined || one.client === client) && (secret === undefined || one.secret === secret));
  }
}
