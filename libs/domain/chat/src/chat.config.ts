import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';

export const chatConfig = section('chat', {
  CHAT_MAX_MEMBERS: setting(z.coerce.number().int().min(2).max(100_000).default(10_000), 'Members a thread may have.'),
  CHAT_MAX_REACTIONS: setting(z.coerce.number().int().min(1).max(100).default(16), 'Different reactions one member may give to one message.'),
  CHAT_ACTIVITY_INTERVAL_MS: setting(
    z.coerce.number().int().min(100).max(60_000).default(1000),
    'Members of a thread are told of its activity at most once in this many milliseconds, the first time at once.',
  ),
  CHAT_ACTIVITY_MAX_MEMBERS: setting(
    z.coerce.number().int().min(0).max(10_000).default(1000),
    'Threads with more members send no activity signals; their lists are fetched.',
  ),
});

export type ChatConfig = ConfigOf<typeof chatConfig>;
