/** Whole adapters on a real broker: a prefix is an installation, every adapter of it a process. */
import { appendFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { Logger, Metrics } from '@veche/platform-telemetry';
import type { Clock } from '../src/clock.ts';
import { type MessagingConfig, messagingConfig, MessagingTelemetry, type RabbitMqConfig } from '../src/index.ts';
import { RabbitMqTelemetry } from '../src/rabbitmq/rabbitmq.telemetry.ts';
import { RabbitMqAdapter } from '../src/rabbitmq/rabbitmq-adapter.ts';

export const defaults: MessagingConfig = valuesOf(loadConfig([messagingConfig], {}), messagingConfig);

export interface OpenedAdapter {
  readonly adapter: RabbitMqAdapter;
  readonly settings: RabbitMqConfig & MessagingConfig;
  readonly metrics: Metrics;
}

export const freshPrefix = (): string => `t${randomUUID().slice(0, 8)}`;

export function openAdapter(url: string, settings: Partial<MessagingConfig> = {}, prefix = freshPrefix(), clock?: Clock): OpenedAdapter {
  const metrics = new Metrics();
  const logger = process.env['BUS_LOG']
    ? Logger.to({ write: (line: string) => appendFileSync('/tmp/laps.txt', line) }, { LOG_LEVEL: 'debug' })
    : Logger.silent();
  const rabbitmq = { RABBITMQ_URL: [url], RABBITMQ_PREFIX: prefix };
  const config = { ...defaults, ...settings };
  const adapter = new RabbitMqAdapter({
    config,
    rabbitmq,
    telemetry: new MessagingTelemetry(metrics, logger),
    brokerTelemetry: new RabbitMqTelemetry(metrics, logger),
    ...(clock && { clock }),
  });
  return { adapter, settings: { ...config, ...rabbitmq }, metrics };
}

/** Of a series, labels included; 0 when it is not there. */
export async function metricOf(metrics: Metrics, series: string): Promise<number> {
  const line = (await metrics.registry.metrics()).split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}
