import type { RedisClient } from '../redis-client.ts';
import { Script } from '../script.ts';

/** What was revoked: a sign-in session, one token, or a user's tokens issued before a moment (ms since 1970). */
export interface RevokedName {
  readonly sid?: string | undefined;
  readonly jti?: string | undefined;
  readonly user?: string | undefined;
  readonly issuedBefore?: number | undefined;
}

/** Who asks. */
export interface SessionName {
  readonly sid?: string | undefined;
  readonly jti?: string | undefined;
  readonly user?: string | undefined;
  readonly issuedAt?: number | undefined;
}

/** The later moment wins, and the longer life. */
const MARK = new Script<number>(`
local known = tonumber(redis.call('GET', KEYS[1]) or '-1')
local life = math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[2]))
redis.call('SET', KEYS[1], string.format('%.0f', math.max(known, tonumber(ARGV[1]))), 'PX', life)
return 1`);

interface Question {
  readonly session: SessionName;
  readonly settle: (revoked: boolean) => void;
}

/**
 * Which sessions may not go on, known to every process in the moment when a revocation is answered. A copy of what Postgres says, and only
 * of refusals: nothing here ever lets anybody in, so a Redis that is flushed or away costs the speed of the signal and the pull, no more.
 */
export class RevokedSessions {
  private waiting: Question[] = [];

  constructor(private readonly redis: RedisClient | undefined) {}

  /** After the commit, never before. Resolves once it is known, or when Redis does not answer. */
  async mark({ sid, jti, user, issuedBefore = 0 }: RevokedName, ttlMs: number): Promise<void> {
    const name = nameOf(sid !== undefined ? { sid } : jti !== undefined ? { jti } : { user });
    const { redis } = this;
    if (!name || !redis?.enabled || ttlMs <= 0) return;
    await redis.attempt('sessions', (server) => MARK.run(server, [redis.keys.revoked(name)], [issuedBefore, Math.ceil(ttlMs)]));
  }

  /** False also while Redis is away: ask the list that is pulled first. */
  has(session: SessionName): Promise<boolean> {
    if (!this.redis?.enabled) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    // All of one turn of the event loop in one question: after a crash thousands come back within a second.
    if (this.waiting.length === 0) setImmediate(() => void this.flush());
    this.waiting.push({ session, settle: resolve });
    return promise;
  }

  private async flush(): Promise<void> {
    const { waiting } = this;
    this.waiting = [];
    const names = waiting.map(({ session: { sid, jti, user } }) => [nameOf({ sid }), nameOf({ jti }), nameOf({ user })].filter((name) => name !== undefined));
    const all = [...new Set(names.flat())];
    const redis = this.redis!;
    const found = all.length === 0 ? [] : await redis.attempt('sessions', (server) => server.mget(all.map((name) => redis.keys.revoked(name))));
    const marks = new Map(all.map((name, index) => [name, found?.[index] ?? null]));
    for (const [index, { session, settle }] of waiting.entries()) settle(names[index]!.some((name) => holds(name, marks.get(name) ?? null, session)));
  }
}

function holds(name: string, mark: string | null, { issuedAt = 0 }: SessionName): boolean {
  if (mark === null) return false;
  return name.startsWith('user ') ? issuedAt < Number(mark) : true;
}

function nameOf({ sid, jti, user }: SessionName): string | undefined {
  if (sid !== undefined) return `sid ${sid}`;
  if (jti !== undefined) return `jti ${jti}`;
  return user ? `user ${user}` : undefined;
}
