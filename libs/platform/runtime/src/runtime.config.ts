import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';

const whole = (initially: number, min: number, max: number): z.ZodType<number> => z.coerce.number<string>().int().min(min).max(max).default(initially);

export const runtimeConfig = section(
  'runtime',
  {
    VECHE_HOST: setting(z.string().min(1).default('127.0.0.1'), 'Address that all doors listen on; 0.0.0.0 or :: for every interface.'),
    VECHE_PORT: setting(whole(8000, 0, 65_535), 'Port of all doors; 0 lets the system choose.'),
    VECHE_PRIVATE_HOST: setting(z.string().default(''), 'Address of the private port; empty: the same as VECHE_HOST.'),
    VECHE_PRIVATE_PORT: setting(whole(8001, 0, 65_535), 'Port of health and metrics, never to be reachable by clients; 0 lets the system choose.'),
    VECHE_HEADERS_TIMEOUT_MS: setting(whole(10_000, 100, 600_000), 'How long a client may take to send the headers of a request, in milliseconds.'),
    VECHE_REQUEST_TIMEOUT_MS: setting(whole(30_000, 100, 3_600_000), 'How long a client may take to send a whole request, in milliseconds.'),
    VECHE_KEEP_ALIVE_MS: setting(
      whole(75_000, 0, 3_600_000),
      'How long an idle connection is kept for the next request, in milliseconds; longer than that of any proxy in front.',
    ),
    VECHE_HEADER_BYTES: setting(whole(16_384, 1024, 1_048_576), 'Bytes that the headers of one request may have, its address included.'),
    VECHE_READINESS_TIMEOUT_MS: setting(whole(2000, 100, 60_000), 'How long one readiness check may take before it counts as failed, in milliseconds.'),
    VECHE_UNREADY_MS: setting(
      whole(0, 0, 600_000),
      'How long the process goes on accepting after it said "not ready", in milliseconds: the time that load balancers need to notice.',
    ),
    VECHE_SHUTDOWN_MS: setting(whole(30_000, 100, 3_600_000), 'How long a stop may take in all before the process ends by force, in milliseconds.'),
  },
  ({ VECHE_PORT, VECHE_PRIVATE_PORT, VECHE_REQUEST_TIMEOUT_MS, VECHE_HEADERS_TIMEOUT_MS, VECHE_UNREADY_MS, VECHE_SHUTDOWN_MS }) => [
    ...(VECHE_PORT === VECHE_PRIVATE_PORT && VECHE_PORT !== 0
      ? [`VECHE_PORT and VECHE_PRIVATE_PORT are both ${VECHE_PORT}; health and metrics need a port of their own`]
      : []),
    ...(VECHE_HEADERS_TIMEOUT_MS > VECHE_REQUEST_TIMEOUT_MS
      ? ['VECHE_HEADERS_TIMEOUT_MS is longer than VECHE_REQUEST_TIMEOUT_MS; headers are part of the request, make it shorter']
      : []),
    ...(VECHE_UNREADY_MS >= VECHE_SHUTDOWN_MS ? ['VECHE_UNREADY_MS leaves nothing of VECHE_SHUTDOWN_MS for the stop itself; make it shorter'] : []),
  ],
);
export type RuntimeConfig = ConfigOf<typeof runtimeConfig>;
