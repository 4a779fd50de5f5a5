import type { Migration } from '@veche/platform-postgres';
import { CreateChat1764000000001 } from './create-chat.ts';

export const chatMigrations: readonly Migration[] = [CreateChat1764000000001];
