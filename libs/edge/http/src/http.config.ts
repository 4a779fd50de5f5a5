import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';

export const httpConfig = section('http', {
  HTTP_STATIC_DIR: setting(z.string().default(''), 'Directory of a built page that is served at /; empty: none'),
});
export type HttpConfig = ConfigOf<typeof httpConfig>;
