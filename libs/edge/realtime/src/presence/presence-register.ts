import { randomBytes } from 'node:crypto';
import type { ClientInfo } from '@veche/contracts';
import type { RedisClient } from '@veche/platform-redis';
import { APPLY, BEAT, REAP } from './presence.scripts.ts';

/** How often a process says that it lives: one small script. */
const BEAT_MS = 2_000;
/** Without a beat for this long it is dead: 6 s, and at most one beat of another until its users are told to be gone. */
const LIFE_MS = 6_000;
/** After Redis was empty, until every process has beaten and written its part again. */
const HEALING_MS = 5_000;
/** Entries of one script: Redis does nothing else for a millisecond or two. */
const CHUNK = 500;

/** `clients`: who is listed on a channel; `users`: who was told to be there. */
export interface Entry {
  readonly space: 'clients' | 'users';
  readonly channel: string;
  /** Unique within the space, the channel and this process. */
  readonly id: string;
  readonly info: ClientInfo;
}

export interface Change extends Entry {
  readonly sign: '+' | '-';
}

/** The part of presence in Redis that is this process's: written as it changes, and whole whenever it may be wrong. */
export class PresenceRegister {
  /** Everything of this process; the truth of which Redis has a copy. */
  readonly sources: (() => Iterable<Entry>)[] = [];
  /** A process has died, and with it the last session of a user on a channel. */
  onGone: (channel: string, info: ClientInfo) => void = () => {};
  /** This process was taken for dead, and its user was told to be gone. */
  onReturned: (channel: string, info: ClientInfo) => void = () => {};
  private node = newNode();
  private dirty = false;
  private queue: Change[] = [];
  private beating: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private forget: () => void = () => {};
  private stopped = false;

  constructor(private readonly redis: RedisClient) {}

  start(): void {
    this.forget = this.redis.onReady(() => void this.beat());
    this.schedule();
  }

  /** Others remove what is left of this process when it beats no more; its users have moved to others by then. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.forget();
    this.flush();
    await this.beating;
  }

  /** Leaves with all others of this turn of the event loop. */
  push(change: Change): void {
    if (this.queue.length === 0) setImmediate(() => this.flush());
    this.queue.push(change);
  }

  flush(): void {
    const changes = this.queue;
    this.queue = [];
    for (let at = 0; at < changes.length; at += CHUNK) void this.apply(changes.slice(at, at + CHUNK));
  }

  /** For each 1: the first or last of its user, 0: not, 2: a leave that cannot be judged yet. `undefined`: Redis does not know us, or does not answer. */
  async apply(changes: readonly Change[]): Promise<readonly number[] | undefined> {
    if (changes.length === 0) return [];
    const args = changes.flatMap(({ sign, space, channel, id, info }) => [sign, space, channel, `${this.node} ${id}`, JSON.stringify(info)]);
    const answer = await this.redis.attempt('presence', (redis) => APPLY.run(redis, [this.redis.keys.presence], [this.node, ...args]));
    if (answer !== undefined && answer !== -1) return answer;
    this.dirty = true;
    if (answer === -1) void this.beat();
    return undefined;
  }

  /** Of other processes; `undefined` while Redis is away. */
  async listed(channel: string): Promise<readonly ClientInfo[] | undefined> {
    this.flush();
    const found = await this.redis.attempt('presence', (redis) => redis.hgetall(`${this.redis.keys.presence}m:clients:${channel}`));
    return found && Object.entries(found).flatMap(([member, info]) => (member.startsWith(`${this.node} `) ? [] : [JSON.parse(info) as ClientInfo]));
  }

  async counts(channel: string): Promise<{ readonly clients: number; readonly users: number } | undefined> {
    this.flush();
    const { presence } = this.redis.keys;
    return this.redis.attempt('presence', async (redis) => {
      const [clients, users] = await Promise.all([redis.hlen(`${presence}m:clients:${channel}`), redis.hlen(`${presence}g:clients:${channel}`)]);
      return { clients, users };
    });
  }

  private schedule(): void {
    if (this.stopped) return;
    // A little chance, so that processes started together do not beat together.
    this.timer = setTimeout(() => void this.beat().then(() => this.schedule()), BEAT_MS * (0.75 + Math.random() / 4)).unref();
  }

  /** One at a time. */
  private beat(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return (this.beating ??= this.beatOnce().finally(() => (this.beating = undefined)));
  }

  private async beatOnce(): Promise<void> {
    const answer = await this.say(this.node, false);
    if (!answer) return;
    const [known, reaped, ...dead] = answer;
    if (known === 0 || this.dirty) await this.beBorn(reaped === 1);
    for (const node of dead) await this.reap(node);
  }

  private say(node: string, register: boolean): Promise<readonly [number, number, ...string[]] | undefined> {
    return this.redis.attempt('presence', (redis) => BEAT.run(redis, [this.redis.keys.presence], [node, LIFE_MS, HEALING_MS, register ? 1 : 0]));
  }

  /**
   * Everything again under a new name; only then the old one may die, so that nobody seems to leave meanwhile.
   * @param announced others were told that the users of the old name have gone
   */
  private async beBorn(announced: boolean): Promise<void> {
    const old = this.node;
    this.node = newNode();
    this.dirty = false;
    if (!(await this.say(this.node, true))) return void (this.dirty = true);
    for (const chunk of chunks(this.sources)) {
      const changes = await this.apply(chunk);
      if (!changes) return;
      if (announced)
        for (const [index, { space, channel, info }] of chunk.entries()) if (space === 'users' && changes[index] === 1) this.onReturned(channel, info);
    }
    await this.redis.attempt('presence', (redis) => redis.zadd(`${this.redis.keys.presence}nodes`, 'XX', 0, old));
  }

  private async reap(node: string): Promise<void> {
    let left = 1;
    while (left > 0 && !this.stopped) {
      const answer = await this.redis.attempt('presence', (redis) => REAP.run(redis, [this.redis.keys.presence], [node, CHUNK]));
      if (!answer) return;
      const [remaining, ...gone] = answer;
      for (let at = 0; at < gone.length; at += 2) this.onGone(gone[at]!, JSON.parse(gone[at + 1]!) as ClientInfo);
      left = remaining;
    }
  }
}

const newNode = (): string => randomBytes(9).toString('base64url');

function* chunks(sources: readonly (() => Iterable<Entry>)[]): Generator<Change[]> {
  let chunk: Change[] = [];
  for (const source of sources)
    for (const entry of source()) {
      chunk.push({ sign: '+', ...entry });
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = [];
    }
  if (chunk.length > 0) yield chunk;
}
