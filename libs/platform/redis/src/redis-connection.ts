import { Redis } from 'ioredis';
import type { RedisConfig } from './redis.config.ts';
import type { RedisTelemetry } from './redis.telemetry.ts';

const CONNECT_MS = 1_500;
const LONGEST_PAUSE_MS = 2_000;

/**
 * One named connection. While it is not usable every command fails at once: nothing is queued, nothing is sent again later,
 * so an outage costs no memory and no call waits for it. It comes back by itself, within about 2 s of the server.
 * A server that is silent for REDIS_TIMEOUT_MS although it was asked counts as gone: its connection is destroyed, because a frozen
 * or cut-off server would otherwise cost every further call the timeout.
 */
export class RedisConnection {
  readonly raw: Redis;
  private readonly listeners = new Set<() => void>();
  private stopped = false;

  constructor(
    { REDIS_URL, REDIS_TIMEOUT_MS }: RedisConfig,
    readonly name: string,
    private readonly telemetry: RedisTelemetry,
  ) {
    this.raw = new Redis(REDIS_URL, {
      connectionName: `veche-${name}`,
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      // Whoever subscribes does so again itself: it must know from when on it hears.
      autoResubscribe: false,
      commandTimeout: REDIS_TIMEOUT_MS,
      socketTimeout: REDIS_TIMEOUT_MS,
      connectTimeout: CONNECT_MS,
      disableClientInfo: true,
      retryStrategy: pauseBefore,
      // A primary that became a replica keeps our connection; the address leads to the new primary.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    // Without a listener an error of the connection would end the process.
    this.raw.on('error', (cause: unknown) => this.telemetry.lost(name, cause));
    this.raw.on('close', () => this.stopped || this.telemetry.lost(name, new Error('the connection was closed')));
    this.raw.on('ready', () => this.ready());
  }

  get isReady(): boolean {
    return this.raw.status === 'ready';
  }

  /** Resolves when it is usable, or after a first attempt that failed: to start without Redis is no error. */
  async start(): Promise<void> {
    if (this.raw.status === 'wait' && !this.stopped) await this.raw.connect().catch(() => undefined);
  }

  /** Called at once while usable, and at each later time that it becomes so. Returns what ends it. */
  onReady(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.isReady) listener();
    return () => this.listeners.delete(listener);
  }

  /** Tolerates never started and twice. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.listeners.clear();
    if (this.isReady) await this.raw.quit().catch(() => undefined);
    this.raw.disconnect();
    this.telemetry.closed(this.name);
  }

  private ready(): void {
    this.telemetry.connected(this.name);
    for (const listener of this.listeners) listener();
  }
}

/** Half of it is chance: a thousand clients of a restarted server must not come in one moment. */
const pauseBefore = (attempt: number): number => Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
