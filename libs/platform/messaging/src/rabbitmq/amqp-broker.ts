/** The broker over two connections: one that only publishes, which an alarm stops, and one that only consumes, which goes on. */
import { VecheError } from '@veche/contracts';
import type { Broker, BrokerProfile, ChannelSetup, SupervisedChannel } from './broker.ts';
import { BrokerConnection } from './broker-connection.ts';
import { ConfirmingPublisher } from './confirming-publisher.ts';
import type { RabbitMqTelemetry } from './rabbitmq.telemetry.ts';
import { Supervised } from './supervised-channel.ts';

export interface BrokerOptions {
  /** Of the nodes of one cluster. */
  readonly urls: readonly string[];
  /** Shown in the broker's list of connections. */
  readonly process: string;
  readonly telemetry: RabbitMqTelemetry;
  /** Declares what is published to: a publish to an exchange that is missing closes the channel for all others on it. */
  readonly publishing: ChannelSetup;
  /** An exchange of `publishing`, that takes messages which no queue wants. */
  readonly probe: string;
}

export class AmqpBroker implements Broker {
  readonly publisher: ConfirmingPublisher;
  private readonly publishing: BrokerConnection;
  private readonly consumers: BrokerConnection;
  private readonly publishChannel: Supervised;
  private readonly channels: Supervised[] = [];
  private closing: Promise<void> | undefined;

  /** Begins to connect; nothing throws while the broker is away. */
  constructor(private readonly options: BrokerOptions) {
    const { urls, process, telemetry } = options;
    this.publishing = new BrokerConnection(urls, { process, purpose: 'publish' }, telemetry);
    this.consumers = new BrokerConnection(urls, { process, purpose: 'consume' }, telemetry);
    this.publisher = new ConfirmingPublisher(
      {
        hindrance: () => this.publishing.reason ?? blocked(this.publishing.blockedBy),
        blocked: () => this.publishing.blockedBy !== undefined,
        kill: (reason) => this.publishing.kill(reason),
      },
      telemetry,
    );
    this.publishing.onChange(() => this.publisher.look());
    this.publishing.onAlarm = (reason) => {
      telemetry.connectionBlocked(reason);
      this.publisher.look();
    };
    this.publishChannel = new Supervised('publish', this.publishing, (raw) => this.setUpPublishing(raw), telemetry);
  }

  consuming(name: string, setup: ChannelSetup): SupervisedChannel {
    const channel = new Supervised(name, this.consumers, setup, this.options.telemetry);
    this.channels.push(channel);
    return channel;
  }

  /** Resolves once messages can leave, or an alarm says that they cannot yet. @throws VecheError what the set-up was refused with */
  async ready(): Promise<void> {
    await this.publishChannel.ready();
    const { publisher, publishing } = this;
    if (publisher.hindered === undefined || publishing.blockedBy !== undefined) return;
    await new Promise<void>((resolve) => publisher.onHindered(() => resolve()));
    await this.ready();
  }

  profile(): Promise<BrokerProfile> {
    const { current } = this.consumers;
    if (current) return Promise.resolve(profileOf(current.version));
    return new Promise((resolve) => this.consumers.onChange((opened) => opened && resolve(profileOf(opened.version))));
  }

  // oxlint-disable-next-line typescript/require-await -- the port's form
  async check(): Promise<void> {
    const lame = [this.publishChannel, ...this.channels].find((channel) => !channel.isClosed && channel.reason !== undefined);
    const reason = this.publishing.reason ?? this.consumers.reason ?? lame?.reason;
    if (reason !== undefined) throw new VecheError('unavailable', reason);
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    await this.publisher.idle();
    await Promise.all([this.publishChannel, ...this.channels].map((channel) => channel.close()));
    await Promise.all([this.publishing.close(), this.consumers.close()]);
  }

  private async setUpPublishing(raw: Parameters<ChannelSetup>[0]): Promise<void> {
    await this.options.publishing(raw);
    this.publisher.open(raw, { exchange: this.options.probe });
  }
}

const blocked = (reason: string | undefined): string | undefined => (reason === undefined ? undefined : `RabbitMQ is blocked: ${reason}`);

/** What is unknown counts as the newest. */
export function profileOf(version: string): BrokerProfile {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major <= 3) return { version, family: '3' };
  return { version, family: major === 4 && minor < 3 ? '4.0' : '4.3' };
}
