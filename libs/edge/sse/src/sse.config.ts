import { type ConfigOf, flag, section, setting } from '@veche/platform-config';

export const sseConfig = section('sse', {
  STREAMS_RELEASE_PARSER: setting(
    flag(true),
    'Give the HTTP parser of an open stream back, which saves 12 KB a stream; tried out at the start, and left alone where this Node does not allow it',
  ),
});
export type SseConfig = ConfigOf<typeof sseConfig>;
