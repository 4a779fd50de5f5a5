import { Inject, Injectable } from '@nestjs/common';
import { type Channel, type CloseRow, DISCONNECTS, type Grant, parseChannel, UNSUBSCRIBES, userChannel, VecheError } from '@veche/contracts';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import type { OptionOverride } from '../auth/index.ts';
import { Channels } from '../hub/channels.ts';
import type { ChannelState } from '../hub/channel-state.ts';
import { Subscription } from '../hub/subscription.ts';
import { Announcer } from '../presence/announcer.ts';
import type { Session } from '../session/session.ts';
import { find, link, subscriptionsOf, unlink } from '../session/subscriptions.ts';
import { Admission, type Admitted } from './admission.ts';
import { CatchUp } from './catch-up.ts';
import { Recovery } from './recovery.ts';
import type { Joined, Prepared, Start, Wish } from './wish.ts';

/** Begins and ends subscriptions, for every language. */
@Injectable()
export class Subscriber {
  // allowed: size: one for each step of a subscribe
  constructor(
    private readonly channels: Channels,
    private readonly admission: Admission,
    private readonly recovery: Recovery,
    private readonly catchUp: CatchUp,
    private readonly announcer: Announcer,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_MAX_SUBSCRIPTIONS'>,
  ) {
    catchUp.end = (subscription, reason) => this.end(subscription, reason);
  }

  /**
   * Does all that takes time. The result must be given to `commit`, or, if it is of no use any more, the session is closed.
   * @throws VecheError with the session as it was before.
   */
  async prepare(session: Session, wish: Wish): Promise<Prepared> {
    const channel = this.check(session, wish.channel);
    const subscription = new Subscription(session, channel.name);
    link(session, subscription);
    try {
      return await this.ready(session, subscription, channel, wish);
    } catch (error) {
      this.forget(session, subscription);
      throw error;
    }
  }

  /** Joins the channel; the caller writes the reply within the same turn, before anything else is sent. @throws VecheError when it was ended meanwhile. */
  commit({ subscription, state, grant, wish, start, data, override }: Prepared): Joined {
    // Rights may have been taken back between the last of what took time and now.
    if (subscription.phase === 'ended') throw new VecheError('permission_denied', 'the subscription was ended');
    const session = subscription.session as Session;
    const cursor = start.from === 'page' ? (start.events.at(-1)?.seq ?? start.after) : state.last;
    const recoverable =
      state.durable && mayResume(grant, wish, override) && (isForced(grant, override) || wish.recoverable === true || wish.recover !== undefined);
    if (cursor === state.last && !state.gone) this.catchUp.join(subscription, state);
    else {
      subscription.phase = 'catching_up';
      void this.catchUp.run(subscription, session, state, cursor);
    }
    this.announcer.joined(subscription, grant, override);
    if (subscription.expiresAt !== 0) session.services.subscriptionExpires(session);
    return {
      epoch: state.epoch,
      offset: start.from === 'page' ? start.after : state.last,
      recoverable,
      positioned: recoverable || (state.durable && ((wish.positioned === true && mayResume(grant, wish, override)) || override?.force_positioning === true)),
      wasRecovering: wish.recover !== undefined && recoverable,
      recovered: start.from === 'page',
      lost: start.from === 'lost',
      publications: start.from === 'page' ? start.events : [],
      data,
      ttl: subscription.expiresAt === 0 ? 0 : Math.max(1, Math.ceil((subscription.expiresAt - Date.now()) / 1000)),
    };
  }

  /** Ends a subscription; with a reason the client is told. */
  end(subscription: Subscription, reason?: CloseRow): void {
    if (subscription.phase === 'ended') return;
    const session = subscription.session as Session;
    // Nobody could ask for it again within the session.
    if (subscription.essential && reason === UNSUBSCRIBES.insufficient_state) return session.close(DISCONNECTS.insufficient_state);
    if (reason && reason.code >= 3000) return session.close(reason);
    this.forget(session, subscription);
    // Before its connect is answered a client has not been told of any subscription.
    if (reason && session.phase === 'live') session.send(session.language.unsubscribed(subscription.channel, reason));
  }

  endAll(session: Session): void {
    for (const subscription of subscriptionsOf(session)) this.forget(session, subscription);
  }

  private check(session: Session, name: string): Channel {
    const channel = parseChannel(name);
    if (!channel) throw new VecheError('bad_request', 'channel names are 1 to 128 characters of A-Z a-z 0-9 _ . : # $ @ , / = + ~ ! & % -');
    if (find(session, name)) throw new VecheError('already_subscribed');
    // The inbox is ours, not a channel that the client has chosen.
    const chosen = session.subscriptionCount - (find(session, userChannel(session.user)) ? 1 : 0);
    if (chosen >= this.config.GATEWAY_MAX_SUBSCRIPTIONS && name !== userChannel(session.user))
      throw new VecheError('limit_exceeded', `at most ${this.config.GATEWAY_MAX_SUBSCRIPTIONS} channels for one session`);
    return channel;
  }

  private async ready(session: Session, subscription: Subscription, channel: Channel, wish: Wish): Promise<Prepared> {
    // A thread is held before its owner is asked: whoever is removed after the owner has looked is removed by an event
    // that comes after the position we hold. The options of an application channel are known only from its grant.
    let state = channel.kind === 'application' ? undefined : await this.hold(subscription, channel.name, true);
    const admitted = await this.admission.admit(session, wish);
    state ??= await this.hold(subscription, channel.name, admitted.grant.options.durable);
    state.kept = admitted.grant.options.kept;
    if (state.durable) await this.admission.open(channel, state);
    const settled = settle(subscription, wish, admitted);
    const { grant } = admitted;
    // What was said before is history: who may only listen begins now, whatever position is asked for.
    const allowed = mayResume(grant, wish, settled.override);
    const start: Start = wish.recover && state.durable ? (allowed ? await this.recovery.start(state, wish.recover) : { from: 'lost' }) : { from: 'now' };
    requireAlive(session, subscription, state);
    if (start.from === 'lost' && wish.orRefuse) throw new VecheError('unrecoverable_position');
    return { ...settled, subscription, state, grant, wish, start };
  }

  private async hold(subscription: Subscription, name: string, durable: boolean): Promise<ChannelState> {
    const state = await this.channels.hold(name, durable);
    subscription.state = state;
    if (subscription.phase === 'ended') this.channels.release(state);
    return state;
  }

  /** Unlinks it from everything, without a word. */
  private forget(session: Session, subscription: Subscription): void {
    if (subscription.phase === 'ended') return;
    subscription.phase = 'ended';
    unlink(session, subscription);
    const state = subscription.state as ChannelState | null;
    if (!state) return;
    state.groups.remove(subscription);
    this.announcer.left(subscription);
    this.channels.release(state);
  }
}

const isForced = ({ options }: Grant, override?: OptionOverride): boolean => options.force_recovery || override?.force_recovery === true;

/** Joins and leaves, asked for, show what presence shows. */
const maySee = (grant: Grant, { server }: Wish): boolean => server !== undefined || grant.presence || grant.when_subscribed?.includes('presence') === true;

/** Resuming shows what was published while the session was away. */
function mayResume(grant: Grant, { server }: Wish, override?: OptionOverride): boolean {
  return isForced(grant, override) || server !== undefined || grant.history || grant.when_subscribed?.includes('history') === true;
}

function requireAlive(session: Session, subscription: Subscription, state: ChannelState): void {
  if (session.phase === 'closed' || subscription.phase === 'ended') throw new VecheError('unavailable', 'the session has ended');
  if (state.gone) throw new VecheError('unavailable', 'the channel has just been reset: subscribe again', [], 500);
}

function settle(subscription: Subscription, wish: Wish, { grant, pass }: Admitted): Pick<Prepared, 'data' | 'override'> {
  const said = wish.server ?? pass;
  subscription.essential = wish.server !== undefined || wish.essential === true;
  subscription.joins =
    (said?.override.join_leave ?? grant.options.join_leave) &&
    ((wish.joinLeave === true && maySee(grant, wish)) || (said?.override.force_push_join_leave ?? grant.options.force_push_join_leave));
  subscription.info = said?.info;
  subscription.expiresAt = pass?.expiresAt ?? wish.server?.expiresAt ?? 0;
  return { data: said?.data, override: said?.override };
}
