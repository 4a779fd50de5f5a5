import { VecheError } from '@veche/contracts';
import { RedisClient } from '@veche/platform-redis';
import type { FanoutChoice } from '../fanout-choice.ts';
import { RedisFanout } from './redis-fanout.ts';

/** BUS_FANOUT=redis; the app lists RedisModule too. */
export const redisFanout: FanoutChoice = {
  name: 'redis',
  inject: [RedisClient],
  make: (config, telemetry, redis: RedisClient) => {
    if (!redis.enabled) throw new VecheError('bad_request', 'BUS_FANOUT=redis needs REDIS_URL');
    return new RedisFanout(redis, config, telemetry);
  },
};
