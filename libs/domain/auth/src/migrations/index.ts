import type { Migration } from '@veche/platform-postgres';
import { CreateAuth1763900000001 } from './create-auth.ts';

export const authMigrations: readonly Migration[] = [CreateAuth1763900000001];
