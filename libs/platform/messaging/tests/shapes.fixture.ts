/** Processes on a real broker, put together from their parts: each test has names of its own, so that nothing of another is heard. */
import { randomUUID } from 'node:crypto';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { vi } from 'vitest';
import { type MessagingConfig, messagingConfig, MessagingTelemetry } from '../src/index.ts';
import { AmqpBroker } from '../src/rabbitmq/amqp-broker.ts';
import { RabbitMqTelemetry } from '../src/rabbitmq/rabbitmq.telemetry.ts';
import { declare, Topology } from '../src/rabbitmq/topology.ts';

export const defaults: MessagingConfig = valuesOf(loadConfig([messagingConfig], {}), messagingConfig);

/** With the patience that a loaded machine needs: a condition that holds is seen at once, and one that never does fails all the same. */
export const until = (condition: () => unknown, { interval = 1, timeout = 15_000 } = {}): Promise<unknown> => vi.waitUntil(condition, { interval, timeout });

export interface Process {
  readonly id: string;
  readonly broker: AmqpBroker;
  readonly topology: Topology;
  readonly config: MessagingConfig;
  readonly telemetry: MessagingTelemetry;
  readonly metrics: Metrics;
  /** The value of a series, as in `veche_x_total{shape="work"}`. */
  metric(series: string): Promise<number>;
}

export class Cluster {
  readonly prefix = `t${randomUUID().slice(0, 8)}`;
  readonly topology = new Topology(this.prefix);
  private readonly processes: Process[] = [];

  /** @param through another address of the same broker: a proxy's */
  constructor(private readonly url: string) {}

  async process(settings: Partial<MessagingConfig> = {}, url = this.url): Promise<Process> {
    const config = { ...defaults, ...settings };
    const [metrics, logger] = [new Metrics(), process.env['SHAPES_LOG'] ? Logger.to(process.stderr, { LOG_LEVEL: 'debug' }) : Logger.silent()];
    const id = randomUUID().slice(0, 8);
    const broker = new AmqpBroker({
      urls: [url],
      process: id,
      telemetry: new RabbitMqTelemetry(metrics, logger),
      publishing: (raw) => declare(raw, this.topology.exchangePart(config.RPC_RETRY_DELAYS_MS)),
      probe: this.topology.replies.name,
    });
    const telemetry = new MessagingTelemetry(metrics, logger);
    const made = { id, broker, topology: this.topology, config, telemetry, metrics, metric: (series: string) => metricOf(metrics, series) };
    this.processes.push(made);
    await broker.ready();
    return made;
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.splice(0).map(({ broker }) => broker.close()));
  }
}

async function metricOf(metrics: Metrics, series: string): Promise<number> {
  const line = (await metrics.registry.metrics()).split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}
