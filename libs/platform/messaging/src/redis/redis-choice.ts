import { RedisClient } from '@veche/platform-redis';
import type { FanoutChoice } from '../fanout-choice.ts';
import { RedisFanout } from './redis-fanout.ts';

/** BUS_FANOUT=redis, which the configuration refuses without REDIS_URL; the app lists RedisModule too. */
export const redisFanout: FanoutChoice = {
  name: 'redis',
  inject: [RedisClient],
  make: (config, telemetry, redis: RedisClient) => new RedisFanout(redis, config, telemetry),
};
