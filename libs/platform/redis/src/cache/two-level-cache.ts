import { dropOldest } from '../limits/oldest.ts';
import type { RedisClient } from '../redis-client.ts';
import { Script } from '../script.ts';

export interface CacheOptions {
  /** In keys and metrics. */
  readonly name: string;
  /** Milliseconds that an entry lives, in either level; 0: nothing is kept. */
  readonly ttlMs: number;
  /** Milliseconds that a process remembers that the source has no value for a key; default 0: it is asked each time. */
  readonly absentMs?: number;
  /** In the memory of a process; the oldest go first. */
  readonly maxEntries: number;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

type Loader<Value> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

interface Kept<Value> {
  /** `undefined`: the source has none. */
  readonly value: Value | undefined;
  readonly until: number;
}

/** Longer than any load takes: what was read before an entry was voided must not be stored after it. */
const VOIDED_MS = 15_000;

/** KEYS: entry and its mark of being void, in turn; ARGV: ms to live, then the values. */
const FILL = new Script<number>(`
for i = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i + 1]) == 0 then redis.call('SET', KEYS[i], ARGV[(i + 1) / 2 + 1], 'PX', ARGV[1]) end
end
return 1`);

const VOID = new Script<number>(`
for i = 1, #KEYS, 2 do
  redis.call('DEL', KEYS[i])
  redis.call('SET', KEYS[i + 1], '', 'PX', ARGV[1])
end
return 1`);

/**
 * Answers that change rarely, kept in the process and, for all processes, in Redis.
 * An entry may be as old as its time to live when an invalidation was lost: keep names in it, never rights.
 */
export class TwoLevelCache<Value> {
  private readonly entries = new Map<string, Kept<Value>>();
  private readonly loading = new Map<string, Promise<ReadonlyMap<string, Value>>>();
  /** Changes with every invalidation: a load that began before one is not stored after it. */
  private generation = 0;
  private readonly now: () => number;

  constructor(
    private readonly redis: RedisClient | undefined,
    private readonly options: CacheOptions,
  ) {
    this.now = options.now ?? (() => performance.now());
  }

  /** Values of the keys that have one. A failure of the loader rejects, one of Redis does not. */
  async get(keys: readonly string[], load: Loader<Value>): Promise<ReadonlyMap<string, Value>> {
    const found = new Map<string, Value>();
    const now = this.now();
    const missing: string[] = [];
    for (const key of keys) {
      const kept = this.entries.get(key);
      if (!kept || kept.until <= now) missing.push(key);
      else if (kept.value !== undefined) found.set(key, kept.value);
    }
    this.count('process', keys.length - missing.length);
    if (missing.length === 0) return found;
    for (const answer of await Promise.all(this.flights(missing, load))) for (const [key, value] of answer) if (missing.includes(key)) found.set(key, value);
    return found;
  }

  /** In this process: what an event from elsewhere says. */
  drop(keys: readonly string[]): void {
    this.generation++;
    for (const key of keys) this.entries.delete(key);
    // Who asks from now on must not be given what is being loaded.
    this.loading.clear();
  }

  /** Events may have been missed. */
  clear(): void {
    this.generation++;
    this.entries.clear();
    this.loading.clear();
  }

  /** In this process and in Redis; the caller tells the other processes, once this has resolved. */
  async invalidate(keys: readonly string[]): Promise<void> {
    this.drop(keys);
    await this.redis?.attempt('cache', (server) => VOID.run(server, this.pairs(keys), [VOIDED_MS]));
    // What was loaded from Redis a moment before it was voided there.
    this.drop(keys);
  }

  get size(): number {
    return this.entries.size;
  }

  /** Equal questions at one time are one. */
  private flights(keys: readonly string[], load: Loader<Value>): Promise<ReadonlyMap<string, Value>>[] {
    const joined = new Set(keys.map((key) => this.loading.get(key)).filter((flight) => flight !== undefined));
    const fresh = keys.filter((key) => !this.loading.has(key));
    if (fresh.length === 0) return [...joined];
    const flight = this.fetch(fresh, load).finally(() => {
      for (const key of fresh) if (this.loading.get(key) === flight) this.loading.delete(key);
    });
    for (const key of fresh) this.loading.set(key, flight);
    return [...joined, flight];
  }

  private async fetch(keys: readonly string[], load: Loader<Value>): Promise<ReadonlyMap<string, Value>> {
    const { generation } = this;
    const found = await this.fromRedis(keys);
    const missing = keys.filter((key) => !found.has(key));
    if (missing.length > 0) {
      const loaded = await load(missing);
      this.count('source', missing.length);
      for (const [key, value] of loaded) found.set(key, value);
      void this.fill(missing, loaded);
    }
    if (generation === this.generation) this.keep(keys, found);
    return found;
  }

  private async fromRedis(keys: readonly string[]): Promise<Map<string, Value>> {
    const { redis } = this;
    if (!redis?.enabled || this.options.ttlMs === 0) return new Map();
    const texts = await redis.attempt('cache', (server) => server.mget(keys.map((key) => redis.keys.cached(this.options.name, key))));
    const found = new Map(keys.flatMap((key, index) => (texts?.[index] ? [[key, JSON.parse(texts[index]) as Value] as const] : [])));
    this.count('redis', found.size);
    return found;
  }

  private async fill(keys: readonly string[], values: ReadonlyMap<string, Value>): Promise<void> {
    const known = keys.filter((key) => values.has(key));
    if (known.length === 0 || !this.redis?.enabled || this.options.ttlMs === 0) return;
    const texts = known.map((key) => JSON.stringify(values.get(key)));
    await this.redis.attempt('cache', (server) => FILL.run(server, this.pairs(known), [this.options.ttlMs, ...texts]));
  }

  private keep(keys: readonly string[], values: ReadonlyMap<string, Value>): void {
    const { ttlMs, absentMs = 0, maxEntries } = this.options;
    const now = this.now();
    for (const key of keys) {
      const value = values.get(key);
      const until = now + (value === undefined ? Math.min(absentMs, ttlMs) : ttlMs);
      if (until === now) continue;
      // Deleted first so that the map stays in the order of time.
      this.entries.delete(key);
      this.entries.set(key, { value, until });
    }
    dropOldest(this.entries, maxEntries);
  }

  private pairs(keys: readonly string[]): string[] {
    const names = this.redis!.keys;
    return keys.flatMap((key) => [names.cached(this.options.name, key), names.voided(this.options.name, key)]);
  }

  private count(level: 'process' | 'redis' | 'source', keys: number): void {
    this.redis?.telemetry.lookedUp(this.options.name, level, keys);
  }
}
