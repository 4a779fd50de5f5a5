import { flag, setting, type ValuesOf } from '@veche/platform-config';
import { z } from 'zod';

/** Names, values and meaning as every OpenTelemetry tool has them. */
export const SAMPLERS = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const;

const pairs = (example: string): z.ZodType<Readonly<Record<string, string>>> =>
  z
    .string()
    .regex(/^$|^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$/, `pairs like ${example}`)
    .transform((text) =>
      Object.fromEntries(
        text
          .split(',')
          .filter(Boolean)
          .map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), decoded(pair.slice(pair.indexOf('=') + 1).trim())]),
      ),
    )
    .default({})
    .meta({ allowed: `pairs like ${example}, separated by commas` });

/** Values may be percent-encoded; one that is not stays as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

const endpoint = z
  .string()
  .refine((text) => text === '' || /^https?:\/\/[^/]/.test(text), 'begins with http:// or https://')
  .default('')
  .meta({ allowed: 'empty | http://HOST:PORT | https://HOST:PORT' });

export const tracingSettings = {
  OTEL_SDK_DISABLED: setting(flag(false), 'No traces, whatever else is set.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    endpoint,
    'Where spans go, as OTLP over HTTP (Jaeger, Tempo, a collector: usually port 4318); empty: no traces, at no cost.',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: setting(pairs('name=value'), 'Headers sent with the spans, for collectors that want a credential.', { secret: true }),
  OTEL_SERVICE_NAME: setting(z.string().max(100).default(''), 'Name of this process in traces; empty: that of its application, as in veche-chat.'),
  OTEL_RESOURCE_ATTRIBUTES: setting(pairs('k8s.pod.name=chat-0'), 'What else is said of this process in each of its spans.'),
  OTEL_TRACES_SAMPLER: setting(
    z.enum(SAMPLERS).default('parentbased_traceidratio'),
    'Who decides what is traced; parentbased: the sampled flag of a client that sends a traceparent counts, at most TRACE_CLIENT_PER_SECOND times a second.',
  ),
  OTEL_TRACES_SAMPLER_ARG: setting(
    z.coerce.number<string>().min(0).max(1).default(0.01),
    'Share of client commands and requests that are traced, for the ratio samplers.',
  ),
  TRACE_CLIENT_PER_SECOND: setting(
    z.coerce.number<string>().int().min(0).max(1_000_000).default(20),
    'Traces a second that clients may ask for by the sampled flag of their traceparent, in each process; beyond it the ratio decides.',
  ),
};
export type TracingConfig = ValuesOf<typeof tracingSettings>;
