import { Inject, Injectable } from '@nestjs/common';
import { type Channel, type Grant, OpenChannel, parseChannel, VecheError } from '@veche/contracts';
import { ask, REQUEST_BUS, type RequestBus } from '@veche/platform-messaging';
import { type SubscriptionPass, TokenVerifier } from '../auth/index.ts';
import { Grants } from '../grants/grants.ts';
import type { ChannelState } from '../hub/channel-state.ts';
import { isUnborn } from '../hub/seq-gate.rules.ts';
import type { Session } from '../session/session.ts';
import type { Wish } from './wish.ts';

export interface Admitted {
  readonly grant: Grant;
  readonly pass?: SubscriptionPass | undefined;
}

/** Whether a session may subscribe. */
@Injectable()
export class Admission {
  constructor(
    private readonly grants: Grants,
    private readonly tokens: TokenVerifier,
    @Inject(REQUEST_BUS) private readonly requests: RequestBus,
  ) {}

  /** @throws VecheError permission_denied, token_expired, unknown_channel … */
  async admit(session: Session, wish: Wish): Promise<Admitted> {
    const grant = await this.grants.of(session.identity, wish.channel);
    // Whoever signs tokens or holds an API key decides about application channels; threads and inboxes have rules of their own.
    if (wish.server && (grant.subscribe || parseChannel(wish.channel)?.kind === 'application')) return { grant };
    if (wish.token) return { grant, pass: await this.pass(session, wish.channel, wish.token, grant) };
    if (!grant.subscribe) throw new VecheError('permission_denied', grant.needs_token ? 'a subscription token is needed' : 'not permitted to subscribe');
    return { grant };
  }

  /** A token is the way in to a channel that needs one; it is no way around the rules of threads and inboxes. */
  private async pass(session: Session, channel: string, token: string, grant: Grant): Promise<SubscriptionPass> {
    const pass = await this.tokens.verifySubscription(token, channel, session.user, session.client);
    if (!grant.subscribe && !grant.needs_token) throw new VecheError('permission_denied', 'not permitted to subscribe');
    return pass;
  }

  /** An application channel with a log gets its row and epoch by its first permitted subscribe. */
  async open(channel: Channel, state: ChannelState): Promise<void> {
    if (channel.kind !== 'application' || !isUnborn(state) || state.gone) return;
    const { epoch, seq } = await ask(this.requests, OpenChannel, { channel: channel.name });
    // Events may have been forwarded while we asked; they know better.
    if (!isUnborn(state)) return;
    state.epoch = epoch;
    state.last = seq;
  }
}
