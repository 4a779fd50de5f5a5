/** An installation in which things are given up, as they are: work by its ladder, commands by the broker. */
import { randomUUID } from 'node:crypto';
import type { CommandEnvelope } from '@veche/contracts';
import { eventually } from '@veche/testing';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { WorkUnit } from '../src/index.ts';
import { declare, type Topology } from '../src/rabbitmq/topology.ts';
import { WorkServer } from '../src/rabbitmq-work/work-server.ts';
import { Work } from '../src/rabbitmq-work/work.ts';
import { decodeCommands, encodeCommands } from '../src/records/command-records.ts';
import { queueOf } from '../src/slot.ts';
import { Cluster, type Process } from './shapes.fixture.ts';

const KIND = 'chat.rebuild.v1';
const CHANNEL = 'thread:a';

export class Graveyard {
  private readonly done = new Map<string, WorkUnit>();
  private failing = true;

  private constructor(
    private readonly cluster: Cluster,
    private readonly process: Process,
    private readonly server: WorkServer,
  ) {}

  static async open(url: string): Promise<Graveyard> {
    const cluster = new Cluster(url);
    const process = await cluster.process({ RPC_RETRY_DELAYS_MS: [1], RPC_MAX_RETRIES: 3 });
    const server = new WorkServer(process, process.config, process.telemetry);
    const graveyard = new Graveyard(cluster, process, server);
    await server.serve(new Map([[KIND, (unit) => graveyard.does(unit)]]));
    return graveyard;
  }

  get prefix(): string {
    return this.cluster.prefix;
  }

  get topology(): Topology {
    return this.cluster.topology;
  }

  /** Resolves once the unit is dead. @param kind one that nobody does is put there as if somebody had */
  async buryWork(id: string, kind = KIND): Promise<void> {
    const unit: WorkUnit = { kind, class: 'normal', id, data: { payload: id } };
    const before = await this.depth('work');
    this.failing = true;
    if (kind === KIND) await new Work(this.process.broker.publisher, this.topology, this.process.config).enqueue(unit);
    else await this.put('work', Buffer.from(JSON.stringify(unit)));
    await eventually(async () => (await this.depth('work')) > before, { what: `${id} is dead` });
  }

  /** A batch that its owner refused for good. */
  async buryCommands(ids: readonly string[]): Promise<void> {
    await this.asOwner((raw) => declare(raw, this.topology.commandPart(8)));
    const commands = ids.map((command_id) => ({
      kind: 'chat.send-message.v1',
      channel: CHANNEL,
      actor: 'ann',
      command_id,
      json: '{}',
      meta: null,
      deadline: 1,
    }));
    await this.process.broker.publisher.publish(this.topology.commands.name, this.queue, encodeCommands(commands), {
      messageId: randomUUID(),
      persistent: true,
    });
    await this.nextBatch((raw, message) => raw.nack(message, false, false));
    await eventually(async () => (await this.depth('commands')) === 1, { what: 'the commands are dead' });
  }

  async buryRubbish(text: string): Promise<void> {
    await this.put('work', Buffer.from(text));
    await eventually(async () => (await this.depth('work')) === 1);
  }

  /** From here on work succeeds. */
  heal(): void {
    this.failing = false;
  }

  /** The unit, once somebody has done it. */
  workedOn(id: string): Promise<WorkUnit> {
    return eventually(() => this.done.get(id), { what: `${id} is done` });
  }

  /** Of the next batch that its owner gets. */
  async commandsArrived(): Promise<CommandEnvelope[]> {
    const message = await this.nextBatch((raw, each) => raw.ack(each));
    return decodeCommands(message.content);
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.cluster.close();
  }

  private get queue(): string {
    return this.topology.commandQueue(8, queueOf(CHANNEL, 8));
  }

  /** A queue with a single active consumer cannot be asked for one message, only consumed. */
  private async nextBatch(settle: (raw: ConfirmChannel, message: ConsumeMessage) => void): Promise<ConsumeMessage> {
    const { promise, resolve } = Promise.withResolvers<ConsumeMessage>();
    await this.asOwner(
      async (raw) => {
        await raw.prefetch(1);
        await raw.consume(this.queue, (message) => {
          if (!message) return;
          settle(raw, message);
          resolve(message);
        });
      },
      () => promise,
    );
    return promise;
  }

  private async asOwner(setup: (raw: ConfirmChannel) => Promise<void>, until: () => Promise<unknown> = async () => {}): Promise<void> {
    const channel = this.process.broker.consuming('owner', setup);
    await channel.ready();
    await until();
    await channel.close();
  }

  private async does(unit: WorkUnit): Promise<void> {
    if (this.failing) throw new Error('provider is down');
    this.done.set(unit.id, unit);
  }

  private async put(shape: 'work', content: Buffer): Promise<void> {
    const { name } = this.topology.deadQueue(shape);
    await this.process.broker.publisher.publish(this.topology.dead.name, name, content, { messageId: randomUUID(), persistent: true, mandatory: true });
  }

  private async depth(shape: 'work' | 'commands'): Promise<number> {
    const channel = this.process.broker.consuming('depth', (raw) => declare(raw, this.topology.deadPart()));
    const raw = await channel.ready();
    const { messageCount } = await raw.checkQueue(this.topology.deadQueue(shape).name);
    await channel.close();
    return messageCount;
  }
}
