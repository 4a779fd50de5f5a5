import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script: sent by its hash, and whole to a server that has been restarted since. Runs undivided, so what it decides nobody else can decide meanwhile. */
export class Script<Reply> {
  private readonly sha: string;

  constructor(private readonly lua: string) {
    this.sha = createHash('sha1').update(lua).digest('hex');
  }

  async run(redis: Redis, keys: readonly string[], args: readonly (string | number)[]): Promise<Reply> {
    try {
      return (await redis.evalsha(this.sha, keys.length, ...keys, ...args)) as Reply;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return (await redis.eval(this.lua, keys.length, ...keys, ...args)) as Reply;
    }
  }
}

/** Microseconds since 1970 by the clock of Redis: the one clock that all processes share. */
export const REDIS_CLOCK = "(function() local t = redis.call('TIME') return t[1] * 1000000 + t[2] end)()";
