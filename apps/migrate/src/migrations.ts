import { authMigrations } from '@veche/domain-auth';
import { chatMigrations } from '@veche/domain-chat';
import { notificationMigrations } from '@veche/domain-notification';
import { eventLogMigrations } from '@veche/event-log';
import type { Migration } from '@veche/platform-postgres';

/** Of every module; the timestamps in their names order them. */
export const migrations: readonly Migration[] = [...eventLogMigrations, ...authMigrations, ...chatMigrations, ...notificationMigrations];
