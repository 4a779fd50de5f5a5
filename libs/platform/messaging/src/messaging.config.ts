import { type ConfigOf, integers, section, setting } from '@veche/platform-config';
import { z } from 'zod';
import { MOST_QUEUES } from './slot.ts';

const count = (initially: number, { min = 1, max = 1_000_000 } = {}): z.ZodType<number> => z.coerce.number<string>().int().min(min).max(max).default(initially);

/** Names of the fan-outs that an app may list beside its messaging adapter's own. */
export const FANOUTS = ['own', 'redis', 'postgres'] as const;

export const messagingConfig = section(
  'messaging',
  {
    BUS_FANOUT: setting(
      z.enum(FANOUTS).default('own'),
      'What carries events to the doors of other processes: own (that of the messaging adapter: within the process, or RabbitMQ), redis (Pub/Sub at REDIS_URL) or postgres (NOTIFY, for one or two pods without Redis). Equal in every process.',
    ),
    BUS_COMMAND_QUEUES: setting(
      count(8, { max: MOST_QUEUES }),
      'Command queues that the 256 slots fold onto; one batch is in flight on each. Equal in every process; changed while all are stopped, by `migrate queues` where RabbitMQ carries commands.',
    ),
    BUS_BATCH_COMMANDS: setting(count(200, { max: 1000 }), 'Commands in one batch at most.'),
    BUS_BATCH_BYTES: setting(count(262_144, { min: 65_536, max: 16_777_216 }), 'Bytes in one batch at most, unless a single command is larger.'),
    BUS_QUEUE_COMMANDS: setting(count(10_000), 'Commands waiting in one queue before further ones are refused as unavailable.'),
    BUS_QUEUE_BYTES: setting(
      count(16_777_216, { min: 65_536, max: 1_073_741_824 }),
      'Bytes waiting in one queue before further commands are refused as unavailable.',
    ),
    BUS_SIGNAL_BACKLOG: setting(count(10_000), 'Signals waiting for the fan-out before further ones are dropped.'),
    RPC_TIMEOUT_MS: setting(
      count(5000, { max: 60_000 }),
      'Milliseconds that a command or request is awaited; past them the outcome of a command is reported as unknown.',
    ),
    RPC_RETRY_DELAYS_MS: setting(
      integers([1000, 5000, 30_000], { max: 86_400_000 }),
      'Pauses between attempts of a unit of work, in milliseconds; past the list the last repeats.',
    ),
    RPC_MAX_RETRIES: setting(count(3, { min: 0, max: 100 }), 'Further attempts of a unit of work after the first, before it is dead-lettered.'),
    RPC_CONSUMER_PREFETCH: setting(count(32, { max: 10_000 }), 'Requests of one service, and units of work, handled at the same time in one process.'),
    RPC_BACKLOG: setting(count(1000), 'Requests waiting for one service before further ones are refused as unavailable.'),
    WORK_BACKLOG: setting(count(100_000), 'Units of work waiting in this process before further ones are refused as unavailable.'),
  },
  () => [],
  ({ BUS_FANOUT }, { REDIS_URL }) => (BUS_FANOUT === 'redis' && REDIS_URL === '' ? ['BUS_FANOUT is "redis" and REDIS_URL is empty: set REDIS_URL too'] : []),
);
export type MessagingConfig = ConfigOf<typeof messagingConfig>;
