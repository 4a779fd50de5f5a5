import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';

export const redisConfig = section('redis', {
  REDIS_URL: setting(
    z
      .string()
      .refine((url) => url === '' || (/^rediss?:\/\//.test(url) && URL.canParse(url)), 'must begin with redis:// or rediss://')
      .default('')
      .meta({ allowed: 'redis://[user:password@]host:port[/db], rediss:// with TLS, or empty' }),
    'Redis that the processes share presence, limits, caches and, with BUS_FANOUT=redis, events over; empty: each process keeps its own in memory. Equal in every process.',
    { secret: true },
  ),
  REDIS_PREFIX: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9:._-]{0,64}$/)
      .default('veche:'),
    'What every key and Pub/Sub channel in Redis begins with: installations that share one server differ here, because Pub/Sub knows no databases.',
  ),
  REDIS_TIMEOUT_MS: setting(
    z.coerce.number().int().min(50).max(10_000).default(400),
    'Milliseconds that an answer of Redis is awaited before the connection counts as lost; meanwhile each process goes on by itself.',
  ),
});
export type RedisConfig = ConfigOf<typeof redisConfig>;
