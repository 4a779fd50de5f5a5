import type { Migration } from '@veche/platform-postgres';
import { CreateNotification1764600000001 } from './create-notification.ts';

/** Behind those of the event log, whose channels it reads once. */
export const notificationMigrations: readonly Migration[] = [CreateNotification1764600000001];
