import type { Grant } from '@veche/contracts';

interface Remembered {
  readonly grant: Promise<Grant>;
  /** Monotonic ms. */
  readonly until: number;
}

/** Grants remembered in all; past it the oldest channels go first. */
const MAX_CHANNELS = 100_000;

/** What owners have granted, by channel and subject, for a short time. An answer under way is here too, so that what would void it is seen. */
export class GrantCache {
  private readonly channels = new Map<string, Map<string, Remembered>>();

  constructor(
    private readonly ttlMs: number,
    private readonly now: () => number,
  ) {}

  /** Some subject's grant on the channel is remembered or asked for. */
  knows(channel: string): boolean {
    return this.channels.has(channel);
  }

  get(channel: string, subject: string): Promise<Grant> | undefined {
    const remembered = this.channels.get(channel)?.get(subject);
    return remembered !== undefined && remembered.until > this.now() ? remembered.grant : undefined;
  }

  set(channel: string, subject: string, grant: Promise<Grant>): void {
    let subjects = this.channels.get(channel);
    if (!subjects) {
      subjects = new Map();
      this.channels.set(channel, subjects);
      if (this.channels.size > MAX_CHANNELS) this.channels.delete(this.channels.keys().next().value!);
    }
    const remembered = { grant, until: this.now() + this.ttlMs };
    subjects.set(subject, remembered);
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

  private forget(channel: string, subject: string, remembered: Remembered): void {
    const subjects = this.channels.get(channel);
    if (subjects?.get(subject) !== remembered) return;
    subjects.delete(subject);
    if (subjects.size === 0) this.channels.delete(channel);
  }
}
