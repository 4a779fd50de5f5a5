import { Injectable } from '@nestjs/common';
import { UNSUBSCRIBES, VecheError } from '@veche/contracts';
import { type SubscriptionPass, TokenVerifier } from '../auth/index.ts';
import { Lifecycle } from '../session/lifecycle.ts';
import type { Session } from '../session/session.ts';
import { find, isSubscribed } from '../session/subscriptions.ts';
import { Subscriber } from '../subscribe/subscriber.ts';
import { type Command, reply } from './codec.ts';
import type { CommandRunner } from './command-runner.ts';
import { channelOf, text } from './fields.ts';
import { validity } from './refresh.command.ts';

/** A new token for a live subscription. */
@Injectable()
export class SubRefreshCommand implements CommandRunner {
  readonly method = 'sub_refresh';

  constructor(
    private readonly tokens: TokenVerifier,
    private readonly subscriber: Subscriber,
    private readonly lifecycle: Lifecycle,
  ) {}

  async run(session: Session, { id, params }: Command): Promise<void> {
    const channel = channelOf(params);
    const token = text(params, 'token');
    if (!isSubscribed(session, channel)) throw new VecheError('permission_denied', 'not subscribed');
    if (token === '') throw new VecheError('bad_request', 'token is missing');
    const pass = await this.verify(session, channel, token);
    const subscription = find(session, channel);
    if (!subscription) throw new VecheError('permission_denied', 'not subscribed');
    if (pass === 'expired') this.subscriber.end(subscription, UNSUBSCRIBES.expired);
    else subscription.expiresAt = pass.expiresAt ?? 0;
    this.lifecycle.renewed(session);
    session.send(reply(id, 'sub_refresh', pass === 'expired' ? '{}' : validity(pass.expiresAt)));
  }

  /** An expired one is no error: errors are terminal here, the push makes the client subscribe again with a new token. */
  private async verify(session: Session, channel: string, token: string): Promise<SubscriptionPass | 'expired'> {
    try {
      return await this.tokens.verifySubscription(token, channel, session.user, session.client);
    } catch (error) {
      if (error instanceof VecheError && error.error === 'token_expired') return 'expired';
      throw error;
    }
  }
}
