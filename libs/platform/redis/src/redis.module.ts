import { Global, Module } from '@nestjs/common';
import { RedisClient } from './redis-client.ts';
import { RedisTelemetry } from './redis.telemetry.ts';

/** Global; needs `ConfigModule` (section `redisConfig`) and `TelemetryModule`. A process without it uses the twins in memory, as one without REDIS_URL does. */
@Global()
@Module({ providers: [RedisTelemetry, RedisClient], exports: [RedisClient] })
export class RedisModule {}
