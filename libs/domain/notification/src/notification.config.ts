import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';

const whole = (initially: number, min: number, max: number): z.ZodType<number> => z.coerce.number<string>().int().min(min).max(max).default(initially);

export const notificationConfig = section('notification', {
  NOTIFICATION_ABSENT_AFTER_MS: setting(
    whole(10_000, 0, 3_600_000),
    'A member who has not read a message after this many milliseconds is absent, and gets one notice of the thread until they read it.',
  ),
  NOTIFICATION_ABSENT_MAX_MEMBERS: setting(whole(1000, 0, 100_000), 'Threads with more members give no notices to absent members.'),
  NOTIFICATION_MAX_MENTIONS: setting(whole(50, 0, 1000), 'Different names that one message may mention; further ones are not notified.'),
  NOTIFICATION_MAX_MUTED: setting(whole(1000, 1, 100_000), 'Threads that one person may mute.'),
  NOTIFICATION_SWEEP_INTERVAL_MS: setting(
    whole(15_000, 100, 3_600_000),
    'The heads of all logs are compared with what was followed once in this many milliseconds: what a lost event costs at most.',
  ),
  NOTIFICATION_SWEEP_CHANNELS: setting(whole(1000, 10, 10_000), 'Channels that one statement of the sweep compares.'),
  NOTIFICATION_ROUND_CHANNELS: setting(whole(64, 1, 1000), 'Channels followed in one transaction.'),
  NOTIFICATION_ROUND_INTERVAL_MS: setting(
    whole(100, 0, 10_000),
    'Rounds begin at least this many milliseconds apart under load; when idle, the first event is followed at once.',
  ),
});

export type NotificationConfig = ConfigOf<typeof notificationConfig>;
