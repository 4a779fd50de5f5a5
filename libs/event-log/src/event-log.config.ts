import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';

export const eventLogConfig = section('event-log', {
  EVENT_LOG_TRIM_INTERVAL_MS: setting(
    z.coerce.number().int().min(100).max(3_600_000).default(10_000),
    'Milliseconds between two passes that trim channels to the history size and ttl of their namespace.',
  ),
  EVENT_LOG_TRIM_BATCH: setting(
    z.coerce.number().int().min(1).max(10_000).default(500),
    'Channels looked at, and events removed from one channel, in one transaction of the trim.',
  ),
});
export type EventLogConfig = ConfigOf<typeof eventLogConfig>;
