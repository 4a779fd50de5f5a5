import { type ConfigOf, flag, section, setting } from '@veche/platform-config';
import { z } from 'zod';

export const sseConfig = section('sse', {
  STREAMS_RELEASE_PARSER: setting(flag(true), 'Give the HTTP parser of an open stream back, which saves 12 KB a stream; tried out at the start, and left alone where this Node does not allow it'),
  HTTP_POLLS_PER_MINUTE: setting(z.coerce.number().int().min(1).max(1_000_000).default(120), 'Polls for events that one token may make in a minute; polling every 5 s needs 12, catching up more'),
});
export type SseConfig = ConfigOf<typeof sseConfig>;
