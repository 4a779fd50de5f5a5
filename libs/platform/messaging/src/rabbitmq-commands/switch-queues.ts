/** Changes the number of command queues of an installation that is stopped: never while a command waits in an old one, since it would be handled by nobody. */
import { VecheError } from '@veche/contracts';
import { withoutCredentials } from '@veche/platform-telemetry';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import type { MessagingConfig } from '../messaging.config.ts';
import type { RabbitMqConfig } from '../rabbitmq/rabbitmq.config.ts';
import { type Queue, Topology } from '../rabbitmq/topology.ts';
import { MOST_QUEUES } from '../slot.ts';

type SwitchConfig = Pick<RabbitMqConfig, 'RABBITMQ_URL' | 'RABBITMQ_PREFIX'> & Pick<MessagingConfig, 'BUS_COMMAND_QUEUES'>;

/**
 * @returns what was done, for people
 * @throws VecheError `conflict` while an old queue holds commands or somebody takes them; `unavailable` when no broker answers
 */
export async function switchQueues({ RABBITMQ_URL, RABBITMQ_PREFIX, BUS_COMMAND_QUEUES: queues }: SwitchConfig): Promise<string> {
  const connection = await connected(RABBITMQ_URL);
  try {
    const change = new QueueChange(connection, new Topology(RABBITMQ_PREFIX));
    return await change.to(queues);
  } finally {
    await connection.close().catch(() => {});
  }
}

class QueueChange {
  constructor(
    private readonly connection: ChannelModel,
    private readonly topology: Topology,
  ) {}

  async to(queues: number): Promise<string> {
    if (await this.agreed(queues)) return `${queues} command queues, as recorded on the broker; nothing to do`;
    const old = await this.others(queues);
    const raw = await this.channel();
    // Unbound before they are counted: what a forgotten process sends from here on comes back to it, instead of being deleted with its queue.
    for (const { name, bindings } of old) for (const { exchange, key } of bindings) await raw.unbindQueue(name, exchange, key);
    const problem = await this.problemOf(raw, old);
    if (problem !== undefined) {
      for (const { name, bindings } of old) for (const { exchange, key } of bindings) await raw.bindQueue(name, exchange, key);
      throw new VecheError('conflict', problem);
    }
    for (const { name } of old) await raw.deleteQueue(name);
    const record = this.topology.queueCount(queues);
    await raw.deleteQueue(record.name);
    await raw.assertQueue(record.name, record.options);
    return `${queues} command queues from now on: start every process with BUS_COMMAND_QUEUES=${queues}. Deleted: ${old.length} empty queues`;
  }

  /** Whether this number is in force, or none was. */
  private async agreed(queues: number): Promise<boolean> {
    const { name, options } = this.topology.queueCount(queues);
    const raw = await this.channel();
    try {
      await raw.assertQueue(name, options);
      await raw.close();
      return true;
    } catch (error) {
      if ((error as { code?: number }).code !== 406) throw error;
      return false;
    }
  }

  /** Command queues for any other number. AMQP has no list of queues, so they are asked for by name: the first of each number, then the rest of those that are there. */
  private async others(queues: number): Promise<Queue[]> {
    const found: Queue[] = [];
    for (let count = 1; count <= MOST_QUEUES; count++) {
      if (count === queues || !(await this.exists(this.topology.commandQueue(count, 0)))) continue;
      const names = new Set(Array.from({ length: count }, (_, index) => this.topology.commandQueue(count, index)));
      const all = this.topology.commandPart(count).queues.filter(({ name }) => names.has(name));
      for (const queue of all) if (await this.exists(queue.name)) found.push(queue);
    }
    // The first of a number is deleted last: by it the others are found when this was interrupted.
    return found.reverse();
  }

  private async problemOf(raw: ConfirmChannel, old: readonly Queue[]): Promise<string | undefined> {
    const states = await Promise.all(old.map(({ name }) => raw.checkQueue(name)));
    const taken = states.find(({ consumerCount }) => consumerCount > 0);
    if (taken) return `${taken.queue} is still consumed: stop every process (chat last, so that it empties the queues), then run this again`;
    const full = states.filter(({ messageCount }) => messageCount > 0);
    if (full.length === 0) return undefined;
    const counts = full.map(({ queue, messageCount }) => `${queue}: ${messageCount}`).join(', ');
    return `commands still wait (${counts} batches): start chat with the number of queues that it had until they are empty, stop it, then run this again`;
  }

  /** A queue that is missing closes the channel. */
  private async exists(name: string): Promise<boolean> {
    const raw = await this.channel();
    try {
      await raw.checkQueue(name);
      await raw.close();
      return true;
    } catch (error) {
      if ((error as { code?: number }).code !== 404) throw error;
      return false;
    }
  }

  private async channel(): Promise<ConfirmChannel> {
    const raw = await this.connection.createConfirmChannel();
    raw.on('error', () => {});
    return raw;
  }
}

async function connected(urls: readonly string[]): Promise<ChannelModel> {
  let last: unknown;
  for (const url of urls) {
    try {
      const connection = await connect(url, { timeout: 5000 });
      connection.on('error', () => {});
      return connection;
    } catch (cause) {
      last = cause;
    }
  }
  throw new VecheError('unavailable', `no RabbitMQ at ${urls.map(withoutCredentials).join(', ')}: ${last instanceof Error ? last.message : String(last)}`);
}
