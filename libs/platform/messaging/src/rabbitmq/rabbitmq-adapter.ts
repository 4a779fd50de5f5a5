/** The bus over RabbitMQ: many processes, each with one connection to publish and one to consume, share commands, events, requests and work. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { agreeOnQueues } from '../rabbitmq-commands/queue-count.ts';
import { CommandOwner } from '../rabbitmq-commands/command-owner.ts';
import { CommandSender } from '../rabbitmq-commands/command-sender.ts';
import { RabbitFanout } from '../rabbitmq-fanout/fanout.ts';
import { Requests } from '../rabbitmq-requests/requests.ts';
import { RequestServer } from '../rabbitmq-requests/request-server.ts';
import { Work } from '../rabbitmq-work/work.ts';
import { WorkServer } from '../rabbitmq-work/work-server.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Fanout, Handlers, MessagingAdapter } from '../ports.ts';
import { AmqpBroker } from './amqp-broker.ts';
import type { RabbitMqConfig } from './rabbitmq.config.ts';
import type { RabbitMqTelemetry } from './rabbitmq.telemetry.ts';
import { Replies } from './replies.ts';
import { declare, refuseOlderThan310, Topology } from './topology.ts';

export interface RabbitMqParts {
  readonly config: MessagingConfig;
  readonly rabbitmq: RabbitMqConfig;
  readonly telemetry: MessagingTelemetry;
  readonly brokerTelemetry: RabbitMqTelemetry;
  /** Of this process; others may differ from it. */
  readonly clock?: Clock;
  /** Default: over RabbitMQ as well. */
  readonly fanout?: Fanout | undefined;
}

export class RabbitMqAdapter implements MessagingAdapter {
  readonly commands: CommandSender;
  readonly events: Fanout;
  readonly requests: Requests;
  readonly work: Work;
  /** In names of queues and in the broker's list of connections; unique among all processes that ever were. */
  readonly process = `${hostname().slice(0, 40)}.${process.pid}.${randomUUID().slice(0, 8)}`;
  private readonly broker: AmqpBroker;
  private readonly topology: Topology;
  private readonly replies: Replies;
  private readonly requestServer: RequestServer;
  private readonly workServer: WorkServer;
  private owner: CommandOwner | undefined;
  private stopping: Promise<void> | undefined;

  /** Begins to connect; a broker that is away is waited for by `serve`. */
  constructor(private readonly parts: RabbitMqParts) {
    const { config, rabbitmq, telemetry, brokerTelemetry, clock = systemClock } = parts;
    const topology = new Topology(rabbitmq.RABBITMQ_PREFIX);
    const broker = new AmqpBroker({
      urls: rabbitmq.RABBITMQ_URL,
      process: this.process,
      telemetry: brokerTelemetry,
      publishing: async (raw) => {
        await agreeOnQueues(raw, topology, config.BUS_COMMAND_QUEUES);
        await declare(raw, topology.exchangePart(config.RPC_RETRY_DELAYS_MS));
      },
      probe: topology.replies.name,
    });
    this.broker = broker;
    this.topology = topology;
    const shared = { broker, topology, clock, process: this.process };
    this.replies = new Replies(shared);
    this.events = parts.fanout ?? new RabbitFanout(shared, config, telemetry);
    const asking = { publisher: broker.publisher, replies: this.replies, topology, clock };
    this.commands = new CommandSender(asking, config, telemetry);
    this.requests = new Requests(asking, config, telemetry);
    this.requestServer = new RequestServer(shared, config, telemetry);
    this.work = new Work(broker.publisher, topology, config);
    this.workServer = new WorkServer(shared, config, telemetry);
  }

  /** @throws VecheError what the broker, or its state, is refused with: that does not get better by waiting */
  async serve(handlers: Handlers): Promise<void> {
    const { broker, replies, events } = this;
    await broker.ready();
    refuseOlderThan310(await broker.profile());
    await Promise.all([replies.start(), events.start()]);
    await Promise.all([this.requestServer.serve(handlers.requests), this.workServer.serve(handlers.work), this.own(handlers)]);
    this.commands.serve();
    this.requests.serve();
  }

  /** Events that another fan-out carries are not looked at: without them readers go by their positions, which is slower and no reason to stop serving. */
  async check(): Promise<void> {
    await this.broker.check();
  }

  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  /** Commands first: their owners still ask and publish; the fan-out last, so that what was committed is handed over; then the way out. */
  private async end(): Promise<void> {
    this.owner?.stopRetrying();
    await this.commands.stop();
    await this.owner?.stop();
    this.requests.stop();
    await Promise.all([this.requestServer.stop(), this.workServer.stop()]);
    this.work.stop();
    await this.events.stop();
    await this.replies.stop();
    await this.broker.close();
  }

  private async own({ commands }: Handlers): Promise<void> {
    if (!commands || this.stopping) return;
    const { broker, topology, process } = this;
    const { clock = systemClock } = this.parts;
    this.owner = new CommandOwner({ broker, topology, process, clock }, this.parts.config, this.parts.telemetry, commands);
    await this.owner.start();
  }
}
