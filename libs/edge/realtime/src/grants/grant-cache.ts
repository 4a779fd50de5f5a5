import type { Grant } from '@veche/contracts';
import { dropOldest } from '@veche/platform-redis';
import { moment } from '../hub/moment.ts';

interface Remembered {
  readonly grant: Promise<Grant>;
  /** Of the question: monotonic ms, and which came first. */
  readonly at: number;
  readonly moment: number;
  readonly until: number;
  /** What was answered before, for when this question finds no answer. */
  readonly before: Remembered | undefined;
}

/** Since which moment no change of rights on a channel can have gone unnoticed; `undefined`: it can. */
type WatchedSince = (channel: string) => number | undefined;

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
    private readonly watchedSince: WatchedSince = () => undefined,
  ) {}

  /** Some subject's grant on the channel is remembered or asked for. */
  knows(channel: string): boolean {
    return this.channels.has(channel);
  }

  /** @param unwatchedMs for how long an answer is good that may have missed a change of rights */
  get(channel: string, subject: string, unwatchedMs = Number.POSITIVE_INFINITY): Promise<Grant> | undefined {
    const remembered = this.channels.get(channel)?.get(subject);
    if (remembered === undefined || remembered.until <= this.now()) return undefined;
    return this.now() - remembered.at < unwatchedMs || this.isWatched(channel, remembered) ? remembered.grant : undefined;
  }

  /** What was granted while every change of rights was noticed, however long ago: good enough while the owner cannot be asked. */
  watched(channel: string, subject: string): Promise<Grant> | undefined {
    const remembered = this.channels.get(channel)?.get(subject);
    return remembered !== undefined && this.isWatched(channel, remembered) ? remembered.grant : undefined;
  }

  set(channel: string, subject: string, grant: Promise<Grant>): void {
    let subjects = this.channels.get(channel);
    if (!subjects) {
      subjects = new Map();
      this.channels.set(channel, subjects);
      dropOldest(this.channels, MAX_CHANNELS);
    }
    const at = this.now();
    const last = subjects.get(subject);
    const remembered = { grant, at, moment: moment(), until: at + this.ttlMs, before: last };
    subjects.set(subject, remembered);
    if (++this.grants > MAX_GRANTS) this.shrink();
    grant.then(
      () => this.settle(channel, subject, remembered),
      () => this.forget(channel, subject, remembered),
    );
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

  /** Lets go of what has run out, so that `knows` does not keep channels alive for ever. */
  sweep(): void {
    const now = this.now();
    for (const [channel, subjects] of this.channels) {
      for (const [subject, remembered] of subjects) if (remembered.until <= now && !this.isWatched(channel, remembered)) subjects.delete(subject);
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

  private isWatched(channel: string, { moment: asked }: Remembered): boolean {
    return asked > (this.watchedSince(channel) ?? Number.POSITIVE_INFINITY);
  }

  private settle(channel: string, subject: string, remembered: Remembered): void {
    const subjects = this.channels.get(channel);
    if (remembered.before && subjects?.get(subject) === remembered) subjects.set(subject, { ...remembered, before: undefined });
  }

  /** The answer before is as good as it was, unless rights have changed since the question: then nothing is remembered here any more. */
  private forget(channel: string, subject: string, remembered: Remembered): void {
    const subjects = this.channels.get(channel);
    if (subjects?.get(subject) !== remembered) return;
    if (remembered.before) subjects.set(subject, remembered.before);
    else subjects.delete(subject);
    if (subjects.size === 0) this.channels.delete(channel);
  }
}
