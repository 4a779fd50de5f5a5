import type { Grant } from '@veche/contracts';
import { dropOldest } from '@veche/platform-redis';

interface Remembered {
  readonly grant: Promise<Grant>;
  /** Monotonic ms, of the question. */
  readonly at: number;
  readonly until: number;
}

/** Channels and grants remembered in all; past it the oldest channels go first. */
const MAX_CHANNELS = 100_000;
const MAX_GRANTS = 200_000;

/** What owners have granted, by channel and subject, for a short time. An answer under way is here too, so that what would void it is seen. */
export class GrantCache {
  private readonly channels = new Map<string, Map<string, Remembered>>();
  /** Set since the last count: an upper bound of what is remembered, counted anew when it is reached. */
  private grants = 0;

  constructor(
    private readonly ttlMs: number,
    private readonly now: () => number,
  ) {}

  /** Some subject's grant on the channel is remembered or asked for. */
  knows(channel: string): boolean {
    return this.channels.has(channel);
  }

  /** @param since monotonic ms: what was asked for until then is not good enough */
  get(channel: string, subject: string, since = Number.NEGATIVE_INFINITY): Promise<Grant> | undefined {
    const remembered = this.channels.get(channel)?.get(subject);
    return remembered !== undefined && remembered.at > since && remembered.until > this.now() ? remembered.grant : undefined;
  }

  set(channel: string, subject: string, grant: Promise<Grant>): void {
    let subjects = this.channels.get(channel);
    if (!subjects) {
      subjects = new Map();
      this.channels.set(channel, subjects);
      dropOldest(this.channels, MAX_CHANNELS);
    }
    const at = this.now();
    const remembered = { grant, at, until: at + this.ttlMs };
    subjects.set(subject, remembered);
    if (++this.grants > MAX_GRANTS) this.shrink();
    grant.catch(() => this.forget(channel, subject, remembered));
  }

  /** True while the answer is still the one remembered: nothing has voided it since it was asked for. */
  holds(channel: string, subject: string, grant: Promise<Grant>): boolean {
    return this.channels.get(channel)?.get(subject)?.grant === grant;
  }

  /** Rights on the channel have changed: of one user, or of everybody. */
  drop(channel: string, user?: string): void {
    const subjects = this.channels.get(channel);
    if (!subjects) return;
    if (user === undefined) subjects.clear();
    else for (const subject of subjects.keys()) if (subject === user || subject.startsWith(`${user}\n`)) subjects.delete(subject);
    if (subjects.size === 0) this.channels.delete(channel);
  }

  clear(): void {
    this.channels.clear();
  }

  /** Lets go of what has run out, so that `knows` does not keep channels alive for ever. */
  sweep(): void {
    const now = this.now();
    for (const [channel, subjects] of this.channels) {
      for (const [subject, { until }] of subjects) if (until <= now) subjects.delete(subject);
      if (subjects.size === 0) this.channels.delete(channel);
    }
  }

  /** Halves what is remembered, so that a flood does not count again with every grant. */
  private shrink(): void {
    this.sweep();
    this.grants = 0;
    for (const subjects of this.channels.values()) this.grants += subjects.size;
    for (const [channel, subjects] of this.channels) {
      if (this.grants <= MAX_GRANTS / 2) return;
      this.grants -= subjects.size;
      this.channels.delete(channel);
    }
  }

  private forget(channel: string, subject: string, remembered: Remembered): void {
    const subjects = this.channels.get(channel);
    if (subjects?.get(subject) !== remembered) return;
    subjects.delete(subject);
    if (subjects.size === 0) this.channels.delete(channel);
  }
}
