/**
 * One batch on its way to the owner and back. The same bytes under the same id are sent again while nobody knows whether they arrived: before
 * anything newer of the queue, so that the order stays, and answered from the log if they did.
 */
import type { CommandReply } from '@veche/contracts';
import type { Clock } from '../clock.ts';
import { type PendingCommand, UNKNOWN, UNROUTABLE } from '../commands/pending-command.ts';
import { encodeCommands } from '../records/command-records.ts';
import type { Publisher, PublishOutcome } from '../rabbitmq/broker.ts';
import type { Answer } from '../rabbitmq/replies.ts';
import { bodyProperties, repliesOf } from './reply-records.ts';

/** A confirmed batch that is not answered may have gone with its queue: it is sent once more, in time for its deadline. */
const AGAIN_MS = 2000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** What a batch is carried by. */
export interface Way {
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly exchange: string;
  readonly routingKey: string;
  /** Where replies arrive; undefined while nothing can be sent, or answered. */
  readonly replyTo: () => string | undefined;
  /** Resolves once something can be sent again. */
  readonly untilFree: () => Promise<void>;
  readonly expect: (id: string, take: (answer: Answer | undefined) => void) => () => void;
}

/** `refused`: certainly not done. `unknown`: not answered in time. */
export type Arrival = 'answered' | 'refused' | 'unknown';

type Step = Answer | PublishOutcome | 'reply lost' | 'again' | 'abandoned';

export class Shipment {
  private readonly abandoned = Promise.withResolvers<'abandoned'>();
  private readonly body: Buffer;
  private sends = 0;
  private confirmed = false;
  private remindedOnce = false;

  constructor(
    readonly batch: readonly PendingCommand[],
    private readonly id: string,
    private readonly way: Way,
  ) {
    this.body = encodeCommands(batch.map(({ sealed }) => sealed));
  }

  /** Whether the broker has it, and no owner has answered. */
  get isUnanswered(): boolean {
    return this.confirmed;
  }

  /** Answers what is past its deadline; true once nobody waits any more, and the batch is let go. */
  expire(now: number): boolean {
    for (const command of this.batch) if (command.sealed.deadline <= now) command.settle(UNKNOWN);
    const over = this.batch.every(({ settled }) => settled);
    if (over) this.abandoned.resolve('abandoned');
    return over;
  }

  /** @param refuse with what, when nothing can be sent and nothing was */
  async carry(refuse: (command: PendingCommand) => void): Promise<Arrival> {
    for (;;) {
      const replyTo = this.way.replyTo();
      if (replyTo === undefined && this.sends === 0) {
        this.batch.forEach(refuse);
        return 'refused';
      }
      const step = replyTo === undefined ? await this.free() : await this.send(replyTo);
      const arrival = typeof step === 'object' ? this.answered(step) : this.ended(step);
      if (arrival) return arrival;
      if (step === 'unknown') await this.pause();
    }
  }

  private async free(): Promise<Step> {
    return Promise.race([this.abandoned.promise, this.way.untilFree().then(() => 'again' as const)]);
  }

  private async send(replyTo: string): Promise<Step> {
    const { publisher, exchange, routingKey, clock } = this.way;
    let remind: () => void = () => {};
    const answered = Promise.withResolvers<Step>();
    const forget = this.way.expect(this.id, (answer) => answered.resolve(answer ?? 'reply lost'));
    const properties = bodyProperties({ id: this.id, replyTo, resent: this.sends++ > 0, sentAt: clock.now() });
    void publisher.publish(exchange, routingKey, this.body, properties).then((outcome) => {
      if (outcome !== 'confirmed') return answered.resolve(outcome);
      this.confirmed = true;
      if (!this.remindedOnce) remind = clock.after(AGAIN_MS, () => answered.resolve('again'));
    });
    const step = await Promise.race([answered.promise, this.abandoned.promise]);
    if (step === 'again') this.remindedOnce = true;
    forget();
    remind();
    return step;
  }

  private answered(answer: Answer): Arrival {
    this.settle(repliesOf(answer, this.batch.length));
    return 'answered';
  }

  private ended(step: Exclude<Step, Answer>): Arrival | undefined {
    if (step === 'abandoned') return 'unknown';
    if (step !== 'returned') return undefined;
    // Of a batch that was sent before, an earlier copy may have arrived.
    const refused = this.sends === 1;
    for (const command of this.batch) command.settle(refused ? UNROUTABLE : UNKNOWN);
    return refused ? 'refused' : 'unknown';
  }

  private settle(replies: readonly CommandReply[]): void {
    this.batch.forEach((command, index) => command.settle(replies[index]!));
  }

  private async pause(): Promise<void> {
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** this.sends, LONGEST_PAUSE_MS);
    await Promise.race([this.abandoned.promise, new Promise<void>((resolve) => void this.way.clock.after(ms, resolve))]);
  }
}
