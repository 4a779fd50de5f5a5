import { type ConfigOf, flag, section, setting } from '@veche/platform-config';
import { z } from 'zod';
import { tracingSettings } from './tracing/tracing.config.ts';

export const telemetryConfig = section('telemetry', {
  LOG_LEVEL: setting(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'), 'Least severe level that is logged.'),
  LOG_PRETTY: setting(flag(false), 'Logs one readable line per record instead of JSON; for a terminal, never for a cluster.'),
  LOG_PULSE_MS: setting(
    z.coerce.number<string>().int().min(0).max(86_400_000).default(60_000),
    'Milliseconds between two log records of what this process does (connections, acks, what waits); 0: none.',
  ),
  ...tracingSettings,
});
export type TelemetryConfig = ConfigOf<typeof telemetryConfig>;
