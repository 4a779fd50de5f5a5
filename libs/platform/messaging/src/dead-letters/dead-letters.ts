/** The dead queues, for operators: looked at without being changed, sent again under the same keys, thrown away. */
import { setTimeout as pause } from 'node:timers/promises';
import { VecheError } from '@veche/contracts';
import type { ConfirmChannel, GetMessage } from 'amqplib';
import type { Broker, PublishOutcome, SupervisedChannel } from '../rabbitmq/broker.ts';
import { declare, type Topology } from '../rabbitmq/topology.ts';
import { type DeadLetter, deadLetterOf, type DeadShape } from './dead-letter.ts';

const RETURN_MS = 1000;
const RETURN_LOOK_MS = 10;

export interface Redriven {
  readonly redriven: readonly DeadLetter[];
  /** Still in the dead queue, each with its reason. */
  readonly kept: readonly { readonly letter: DeadLetter; readonly reason: string }[];
}

/** What is published for one dead letter; more than one message if its commands belong to several queues by now. */
export interface Redelivery {
  readonly exchange: string;
  readonly key: string;
  readonly body: Buffer;
  readonly messageId: string;
  readonly type: string | undefined;
}

type Wanted = (letter: DeadLetter) => boolean;

export class DeadLetters {
  private readonly channel: SupervisedChannel;

  /** @param deliveriesOf what to publish for a letter; empty when it cannot be read */
  constructor(
    private readonly broker: Broker,
    private readonly topology: Topology,
    private readonly deliveriesOf: (letter: DeadLetter) => readonly Redelivery[],
  ) {
    this.channel = broker.consuming('dead letters', (raw) => declare(raw, topology.deadPart()));
  }

  /** Messages in the queue, those that somebody else is looking at left out. */
  async depth(shape: DeadShape): Promise<number> {
    const raw = await this.channel.ready();
    return (await raw.checkQueue(this.topology.deadQueue(shape).name)).messageCount;
  }

  /** Oldest first; every letter stays where it is. */
  async list(shape: DeadShape, { limit = Infinity, wanted = () => true }: { readonly limit?: number; readonly wanted?: Wanted } = {}): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    await this.walk(shape, async (letter) => {
      if (wanted(letter)) found.push(letter);
      return found.length >= limit ? 'enough' : 'keep';
    });
    return found;
  }

  /** Each is stored anew before it leaves the dead queue: one that fails halfway is in both, and its effect is idempotent. */
  async redrive(shape: DeadShape, wanted: Wanted): Promise<Redriven> {
    const redriven: DeadLetter[] = [];
    const kept: { letter: DeadLetter; reason: string }[] = [];
    await this.walk(shape, async (letter) => {
      if (!wanted(letter)) return 'keep';
      const reason = await this.published(letter);
      if (reason === undefined) redriven.push(letter);
      else kept.push({ letter, reason });
      return reason === undefined ? 'done' : 'keep';
    });
    return { redriven, kept };
  }

  async purge(shape: DeadShape, wanted: Wanted): Promise<DeadLetter[]> {
    const purged: DeadLetter[] = [];
    await this.walk(shape, async (letter) => {
      if (!wanted(letter)) return 'keep';
      purged.push(letter);
      return 'done';
    });
    return purged;
  }

  async close(): Promise<void> {
    await this.channel.close();
  }

  /** Undefined when all of it is stored; else why not. */
  private async published(letter: DeadLetter): Promise<string | undefined> {
    const deliveries = this.deliveriesOf(letter);
    if (deliveries.length === 0) return 'it cannot be read';
    for (const { exchange, key, body, messageId, type } of deliveries) {
      const outcome: PublishOutcome = await this.broker.publisher.publish(exchange, key, body, { messageId, type, persistent: true, mandatory: true });
      if (outcome === 'returned') return `no queue takes ${key}: nothing has declared that it does it`;
      if (outcome === 'unknown') return 'the broker did not confirm it: it may have been stored, redrive it again';
    }
    return undefined;
  }

  /** Fetches one by one, unacknowledged; what is kept is given back at the end, or the same ones would come again and again. */
  private async walk(shape: DeadShape, visit: (letter: DeadLetter) => Promise<'keep' | 'done' | 'enough'>): Promise<void> {
    const raw = await this.channel.ready();
    const { name } = this.topology.deadQueue(shape);
    const kept: GetMessage[] = [];
    try {
      const depth = (await raw.checkQueue(name)).messageCount;
      let done = 0;
      for (let left = depth; left > 0; left--) {
        const message = await raw.get(name);
        if (!message) break;
        kept.push(message);
        const end = await visit(deadLetterOf(message, shape));
        if (end === 'done') {
          raw.ack(kept.pop()!);
          done++;
        }
        if (end === 'enough') break;
      }
      // In order: those of a queue with a delivery limit return to their places.
      for (const message of kept) raw.nack(message, false, true);
      await returned(raw, name, depth - done);
    } catch (cause) {
      // The channel is gone, and with it all looks: the broker has put everything back.
      throw cause instanceof VecheError ? cause : new VecheError('unavailable', `the connection to the broker was lost: ${String(cause)}`);
    }
  }
}

/**
 * Nacks are not answered, and a quorum queue takes them in its own time: a walk that came before would miss what is on its way back.
 * Somebody else may be looking too, so this gives up after a second.
 */
async function returned(raw: ConfirmChannel, queue: string, letters: number): Promise<void> {
  const end = performance.now() + RETURN_MS;
  while ((await raw.checkQueue(queue)).messageCount < letters && performance.now() < end) await pause(RETURN_LOOK_MS);
}
