import type { Migration } from '@veche/platform-postgres';
import { AttachRealtimeEvents1764000000002 } from './attach-realtime-events.ts';
import { CreateChat1764000000001 } from './create-chat.ts';

export const chatMigrations: readonly Migration[] = [CreateChat1764000000001, AttachRealtimeEvents1764000000002];
