/** The dead queues by themselves, for a program that looks after them and is no service. */
import { VecheError } from '@veche/contracts';
import { Logger, Metrics, withoutCredentials } from '@veche/platform-telemetry';
import type { MessagingConfig } from '../messaging.config.ts';
import { AmqpBroker } from '../rabbitmq/amqp-broker.ts';
import type { RabbitMqConfig } from '../rabbitmq/rabbitmq.config.ts';
import { RabbitMqTelemetry } from '../rabbitmq/rabbitmq.telemetry.ts';
import { declare, Topology } from '../rabbitmq/topology.ts';
import { DeadLetters } from './dead-letters.ts';
import { deliveriesOf } from './redelivery.ts';

/** A person waits for it. */
const CONNECT_MS = 10_000;
/** Redriven commands wait so long for their owner: longer than it takes one to come back. */
const PATIENCE_MS = 60_000;

export interface OpenedDeadLetters {
  readonly letters: DeadLetters;
  readonly close: () => Promise<void>;
}

/** @throws VecheError `unavailable` when no broker answers in 10 s, with the reason */
export async function openDeadLetters(config: RabbitMqConfig & MessagingConfig): Promise<OpenedDeadLetters> {
  const topology = new Topology(config.RABBITMQ_PREFIX);
  const broker = new AmqpBroker({
    urls: config.RABBITMQ_URL,
    process: 'veche command',
    telemetry: new RabbitMqTelemetry(new Metrics(), Logger.silent()),
    publishing: (raw) => declare(raw, topology.exchangePart(config.RPC_RETRY_DELAYS_MS)),
    probe: topology.replies.name,
  });
  const options = { topology, queues: config.BUS_COMMAND_QUEUES, patienceMs: PATIENCE_MS, now: Date.now };
  try {
    await inTime(broker, config.RABBITMQ_URL);
  } catch (cause) {
    await broker.close();
    throw cause;
  }
  const letters = new DeadLetters(broker, topology, (letter) => deliveriesOf(letter, options));
  return { letters, close: () => broker.close() };
}

async function inTime(broker: AmqpBroker, urls: readonly string[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const refuse = (): void =>
      reject(new VecheError('unavailable', `no RabbitMQ at ${urls.map(withoutCredentials).join(', ')}: ${broker.publisher.hindered ?? 'no answer'}`));
    timer = setTimeout(refuse, CONNECT_MS);
  });
  try {
    await Promise.race([broker.ready(), late]);
  } finally {
    clearTimeout(timer);
  }
}
