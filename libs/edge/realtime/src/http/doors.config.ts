import { type ConfigOf, flag, list, section, setting } from '@veche/platform-config';
import { z } from 'zod';

/** What every door that begins as an HTTP request needs to know of the outside. */
export const doorsConfig = section('doors', {
  HTTP_ALLOWED_ORIGINS: setting(list(), 'Origins of pages, beside our own, that may use the doors: exact, such as https://app.example.com; * allows all'),
  HTTP_TRUSTED_PROXIES: setting(
    z.coerce.number().int().min(0).max(10).default(0),
    "Proxies in front that append to X-Forwarded-For; the client's address is counted that far from the right",
  ),
  HTTP_REQUESTS_PER_MINUTE: setting(
    z.coerce.number().int().min(1).max(1_000_000).default(30),
    'REST requests that one user may make in any 60 seconds, and as many polls that find nothing more to fetch; sockets and backends with a key are not counted',
  ),
  DOORS_QUERY_TOKEN: setting(
    flag(true),
    'Plain doors take the access token as ?token=; addresses end up in logs of proxies, so turn it off where clients can send a header',
  ),
  DOORS_TOKEN_COOKIE: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9_-]{0,64}$/)
      .default(''),
    'Name of a cookie that carries the access token to the sockets and streams; empty: no cookie is read',
  ),
});
export type DoorsConfig = ConfigOf<typeof doorsConfig>;
