import type { Migration } from '@veche/platform-postgres';
import { AttachNoticeEvents1764600000002 } from './attach-realtime-events.ts';
import { CreateNotification1764600000001 } from './create-notification.ts';

/** Behind those of the event log, whose channels it reads once. */
export const notificationMigrations: readonly Migration[] = [CreateNotification1764600000001, AttachNoticeEvents1764600000002];
