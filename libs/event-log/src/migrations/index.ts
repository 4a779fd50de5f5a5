import type { Migration } from '@veche/platform-postgres';
import { CreateLog1763800000001 } from './create-log.ts';

export const eventLogMigrations: readonly Migration[] = [CreateLog1763800000001];
