import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { keysUnder, type RedisKeys } from './keys.ts';
import { type RedisConfig, redisConfig } from './redis.config.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisTelemetry } from './redis.telemetry.ts';

/** Redis for whoever can do without it. */
@Injectable()
export class RedisClient implements OnModuleInit, OnApplicationShutdown {
  readonly keys: RedisKeys;
  private readonly connection: RedisConnection | undefined;

  constructor(
    @Inject(redisConfig.token) private readonly config: RedisConfig,
    readonly telemetry: RedisTelemetry,
  ) {
    this.keys = keysUnder(config.REDIS_PREFIX);
    if (this.enabled) this.connection = this.open('commands');
  }

  /** False without REDIS_URL: use the twin in memory. */
  get enabled(): boolean {
    return this.config.REDIS_URL !== '';
  }

  get isReady(): boolean {
    return this.connection?.isReady ?? false;
  }

  /** A further connection, not started, to be stopped by the caller. */
  open(name: string): RedisConnection {
    return new RedisConnection(this.config, name, this.telemetry);
  }

  /**
   * What Redis answers; `undefined` when it does not, at once while it is known to be away: the caller then follows its rule for that.
   * Never rejects, never takes longer than REDIS_TIMEOUT_MS.
   */
  async attempt<T>(use: string, command: (redis: Redis) => Promise<T>): Promise<T | undefined> {
    if (!this.connection) return undefined;
    if (!this.connection.isReady) {
      this.telemetry.fellBack(use);
      return undefined;
    }
    try {
      return await command(this.connection.raw);
    } catch (error) {
      this.telemetry.failed(use, error);
      this.telemetry.fellBack(use);
      return undefined;
    }
  }

  /** Called each time that Redis becomes usable; after an outage it may be empty. Returns what ends it. */
  onReady(listener: () => void): () => void {
    return this.connection?.onReady(listener) ?? (() => undefined);
  }

  async onModuleInit(): Promise<void> {
    await this.connection?.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection?.stop();
  }
}
