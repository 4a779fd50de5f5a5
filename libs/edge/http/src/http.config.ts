import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';

export const httpConfig = section('http', {
  HTTP_REQUESTS_PER_MINUTE: setting(z.coerce.number().int().min(1).max(1_000_000).default(30), 'REST requests that one user may make in any 60 seconds; the sockets are not counted, and neither are backends with a key'),
  HTTP_STATIC_DIR: setting(z.string().default(''), 'Directory of a built page that is served at /; empty: none'),
});
export type HttpConfig = ConfigOf<typeof httpConfig>;
