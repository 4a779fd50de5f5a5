import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type Capability, type Channel, type ChannelEvent, type Grant, MemberRemoved, parseChannel, type Subject, VecheError } from '@veche/contracts';
import { GrantAsker, isAway } from './grant-asker.ts';
import { GrantCache } from './grant-cache.ts';
import { Grants, type ReadPage } from './grants.ts';
import { inboxGrant } from './inbox.rules.ts';

const SWEEP_MS = 10_000;
/**
 * Events of a thread that is held here are complete from where it was opened on: the hub fills every hole within seconds. What was asked for
 * before that, or of a thread that nobody here listens to, may have missed the end of a membership: it is good for this long.
 */
const UNWATCHED_MS = 5_000;
/** An answer that was voided while it was on its way is asked for again, at most so often. */
const ATTEMPTS = 3;

@Injectable()
export class ChannelGrants extends Grants implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly asker: GrantAsker,
    private readonly cache: GrantCache,
  ) {
    super();
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.cache.sweep(), SWEEP_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
  }

  async of(subject: Subject, channel: string): Promise<Grant> {
    const parsed = parseChannel(channel);
    if (!parsed) throw new VecheError('bad_request', 'channel names are 1 to 128 characters of A-Z a-z 0-9 _ . : # $ @ , / = + ~ ! & % -');
    if (parsed.kind === 'user') return inboxGrant(subject.user, parsed.id);
    const key = keyOf(subject);
    try {
      return await this.agreed(parsed, subject, key);
    } catch (error) {
      // Membership is in the log, and the log of a held channel is read on while the bus is away: what was granted under that watch still holds.
      const watched = isAway(error) ? this.cache.watched(channel, key) : undefined;
      if (watched) return watched;
      throw error;
    }
  }

  async require(subject: Subject, channel: string, capability: Capability, subscribed = false): Promise<Grant> {
    const grant = await this.of(subject, channel);
    // What the channel does not have is not there for anybody: asking for the right to it would lead nowhere.
    if (capability === 'history' && !grant.options.durable) throw new VecheError('not_available', 'the channel keeps no history');
    if (capability === 'presence' && !grant.options.presence) throw new VecheError('not_available', 'the channel keeps no presence');
    if (grant[capability] || (subscribed && grant.when_subscribed?.includes(capability))) return grant;
    throw new VecheError('permission_denied', `not permitted on ${channel}: ${capability}`);
  }

  async confirm(subject: Subject, { channel, events }: ReadPage, capability: Capability, subscribed = false): Promise<void> {
    // The log knows of a removal before the fan-out has told the cache.
    if (events.some((event) => event.kind === MemberRemoved.kind && isAbout(event, subject.user))) this.cache.drop(channel, subject.user);
    await this.require(subject, channel, capability, subscribed);
  }

  private async agreed(channel: Channel, subject: Subject, key: string): Promise<Grant> {
    const unwatchedMs = channel.kind === 'thread' ? UNWATCHED_MS : Number.POSITIVE_INFINITY;
    for (let attempt = 1; ; attempt++) {
      const answer = this.cache.get(channel.name, key, unwatchedMs) ?? this.ask(channel, subject, key);
      const grant = await answer;
      // Voided on its way: somebody's membership changed after the owner had looked.
      if (this.cache.holds(channel.name, key, answer)) return grant;
      if (attempt === ATTEMPTS) throw new VecheError('unavailable', 'rights on the channel are changing: try again', [], 500);
    }
  }

  private ask(channel: Channel, subject: Subject, key: string): Promise<Grant> {
    const answer = this.asker.ask(channel, subject);
    this.cache.set(channel.name, key, answer);
    return answer;
  }
}

const isAbout = ({ data }: ChannelEvent, user: string): boolean => (JSON.parse(data) as { readonly user?: unknown }).user === user;

/** Sessions of one user share grants unless their tokens carry rights of their own. */
const keyOf = ({ user, caps }: Subject): string => (caps.length === 0 ? user : `${user}\n${JSON.stringify(caps)}`);
