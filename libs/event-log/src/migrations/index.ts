import type { Migration } from '@veche/platform-postgres';
import { AddRealtimeEvents1763800000002 } from './add-realtime-events.ts';
import { CreateLog1763800000001 } from './create-log.ts';
import { FindCommands1763800000003 } from './find-commands.ts';

export const eventLogMigrations: readonly Migration[] = [CreateLog1763800000001, AddRealtimeEvents1763800000002, FindCommands1763800000003];
