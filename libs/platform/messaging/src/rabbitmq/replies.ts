/**
 * Where answers to this process arrive, be they to commands or to requests: one exclusive queue, apart from the events, which may be dropped.
 * Answers are matched by correlation id; the queue is gone with its connection, and whoever waits is told at once.
 */
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Broker, SupervisedChannel } from './broker.ts';
import { declare, keepDeclared, type Topology } from './topology.ts';

export type Answer = Pick<ConsumeMessage, 'content' | 'properties'>;

/** The process that an address is of: it has another address after each loss of its queue. */
export const processOf = (address: string): string => address.slice(0, address.lastIndexOf('.'));

export interface RepliesParts {
  readonly broker: Broker;
  readonly topology: Topology;
  /** Unique among all processes that ever were. */
  readonly process: string;
}

export class Replies {
  /** An answer that nobody waits for any more: late, or the second to one question. */
  onLate: (answer: Answer) => void = () => {};
  /** Called when the queue of answers is there, and when it was lost. */
  onChange: () => void = () => {};
  private readonly expected = new Map<string, (answer: Answer | undefined) => void>();
  private channel: SupervisedChannel | undefined;
  private openings = 0;
  private current: string | undefined;

  constructor(private readonly parts: RepliesParts) {}

  /** Routing key; undefined while there is no queue to answer to. */
  get address(): string | undefined {
    return this.channel?.raw ? this.current : undefined;
  }

  /** Resolves once answers can arrive. */
  async start(): Promise<void> {
    if (!this.channel) {
      this.channel = this.parts.broker.consuming('replies', (raw) => this.open(raw));
      this.channel.onLost = () => this.lost();
      this.channel.onReady = () => this.onChange();
    }
    await this.channel.ready();
  }

  /**
   * Called once with the answer that carries this correlation id, or with undefined when the queue of answers was lost.
   * @returns what forgets it
   */
  expect(id: string, take: (answer: Answer | undefined) => void): () => void {
    this.expected.set(id, take);
    return () => {
      if (this.expected.get(id) === take) this.expected.delete(id);
    };
  }

  /** Whoever still waits hears that nothing comes. */
  async stop(): Promise<void> {
    await this.channel?.close();
    this.lost();
  }

  /** A queue of its own each time: the broker may take the connection before for living, and hold its exclusive queue. */
  private async open(raw: ConfirmChannel): Promise<void> {
    const address = `${this.parts.process}.${++this.openings}`;
    const part = this.parts.topology.replyPart(address);
    const queue = part.queues[0]!;
    await declare(raw, part);
    // Without acks: one that gets lost with the channel is not delivered again anyway, since the queue is gone as well.
    await raw.consume(queue.name, (message) => (message ? this.take(message) : void raw.close().catch(() => {})), { noAck: true, exclusive: true });
    this.current = address;
    keepDeclared(raw, part);
  }

  private take(message: ConsumeMessage): void {
    const id = String(message.properties.correlationId);
    const take = this.expected.get(id);
    this.expected.delete(id);
    (take ?? this.onLate)(message);
  }

  private lost(): void {
    const takers = [...this.expected.values()];
    this.expected.clear();
    for (const take of takers) take(undefined);
    this.onChange();
  }
}
