/** The owners of the command queues, as they tell each other over the broker: it would not tell them whom it has chosen. */
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Clock } from '../clock.ts';
import type { Broker, SupervisedChannel } from '../rabbitmq/broker.ts';
import { declare, keepDeclared, type Topology } from '../rabbitmq/topology.ts';
import { ownerOf, type OwnerView } from './shares.rules.ts';

const EVERY_MS = 1000;
/** Whoever is silent for so long is no longer counted; it costs him nothing but the queues that he would have been given. */
const GONE_MS = 3500;

export interface OwnersParts {
  readonly broker: Broker;
  readonly topology: Topology;
  readonly process: string;
  readonly clock: Clock;
}

interface Word {
  readonly process: string;
  /** Absent: it does not consume any more. */
  readonly incarnation?: number;
}

export class Owners {
  /** Called when it may be another's turn. */
  onChange: () => void = () => {};
  private readonly others = new Map<string, OwnerView & { readonly heardAt: number }>();
  private incarnation: number | undefined;
  private channel: SupervisedChannel | undefined;
  private endPause: () => void = () => {};
  private stopped = false;

  constructor(private readonly parts: OwnersParts) {}

  async start(): Promise<void> {
    this.channel ??= this.parts.broker.consuming('owners', (raw) => this.open(raw));
    this.tick();
    await this.channel.ready();
  }

  /** This process consumes all queues since just now; undefined: none. */
  consuming(incarnation: number | undefined): void {
    this.incarnation = incarnation;
    this.say();
    this.onChange();
  }

  /** Undefined while nobody is known who consumes. */
  ownerOf(queue: number): OwnerView | undefined {
    return ownerOf(queue, this.all);
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.incarnation = undefined;
    this.say();
    this.stopped = true;
    this.endPause();
    await this.channel?.close();
  }

  private get all(): OwnerView[] {
    const { process } = this.parts;
    return [...(this.incarnation === undefined ? [] : [{ process, incarnation: this.incarnation }]), ...this.others.values()];
  }

  private async open(raw: ConfirmChannel): Promise<void> {
    const part = this.parts.topology.ownerPart(this.parts.process);
    await declare(raw, part);
    await raw.consume(part.queues[0]!.name, (message) => (message ? this.hear(message) : void raw.close().catch(() => {})), { noAck: true });
    keepDeclared(raw, part);
  }

  private tick(): void {
    if (this.stopped) return;
    this.say();
    const since = this.parts.clock.now() - GONE_MS;
    const gone = [...this.others.values()].filter(({ heardAt }) => heardAt < since);
    for (const { process } of gone) this.others.delete(process);
    if (gone.length > 0) this.onChange();
    this.endPause = this.parts.clock.after(EVERY_MS, () => this.tick());
  }

  private say(): void {
    if (this.stopped) return;
    const { broker, topology, process } = this.parts;
    const word: Word = { process, ...(this.incarnation !== undefined && { incarnation: this.incarnation }) };
    broker.publisher.tell(topology.owners.name, '', Buffer.from(JSON.stringify(word)), { deliveryMode: 1, expiration: GONE_MS });
  }

  private hear({ content }: ConsumeMessage): void {
    const word = wordOf(content);
    if (!word || word.process === this.parts.process || this.stopped) return;
    const { process, incarnation } = word;
    const known = this.others.get(process);
    if (incarnation === undefined) this.others.delete(process);
    else this.others.set(process, { process, incarnation, heardAt: this.parts.clock.now() });
    if (known?.incarnation === incarnation) return;
    // A newcomer need not wait a second to know us.
    if (!known && incarnation !== undefined) this.say();
    this.onChange();
  }
}

function wordOf(content: Buffer): Word | undefined {
  try {
    const word = JSON.parse(content.toString()) as Partial<Word> | null;
    return typeof word?.process === 'string' && (word.incarnation === undefined || typeof word.incarnation === 'number') ? (word as Word) : undefined;
  } catch {
    return undefined;
  }
}
