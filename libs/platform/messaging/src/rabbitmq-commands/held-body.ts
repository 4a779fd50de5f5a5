/** A body of commands that was delivered here: held until its replies have left, acknowledged last, on the channel that it came on. */
import type { CommandEnvelope, CommandReply } from '@veche/contracts';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { UNKNOWN } from '../commands/pending-command.ts';
import { decodeCommands } from '../records/command-records.ts';
import { attemptOf, isFirstCopy, sentAtOf } from './reply-records.ts';

export interface HeldCommand {
  readonly body: HeldBody;
  readonly index: number;
}

export class HeldBody {
  readonly attempt: number;
  /** Whether nobody can have handled it before. */
  readonly untouched: boolean;
  readonly replies: CommandReply[];
  /** Its channel has ended: the broker gives it to somebody else, or to us again. */
  lost = false;
  /** Its owner has processed it, or its deadlines are past. */
  answered = false;
  /** Failed during a stop: not acknowledged, so that another owner gets it. */
  left = false;
  private first: readonly CommandEnvelope[];
  /** From the sender's clock to ours. */
  private offset = 0;
  private decoded = false;

  /** @throws RangeError or SyntaxError when the content is no batch of commands */
  constructor(
    private readonly message: ConsumeMessage,
    private readonly raw: ConfirmChannel,
  ) {
    const { properties, fields, content } = message;
    this.attempt = attemptOf(properties);
    this.untouched = isFirstCopy(properties, fields.redelivered);
    this.first = decodeCommands(content);
    this.replies = this.first.map(() => UNKNOWN);
  }

  get id(): string {
    return String(this.message.properties.messageId);
  }

  get replyTo(): string | undefined {
    return this.message.properties.replyTo as string | undefined;
  }

  get bytes(): number {
    return this.message.content.length;
  }

  get size(): number {
    return this.first.length;
  }

  get sentAt(): number | undefined {
    return sentAtOf(this.message.properties);
  }

  /** Before anything is asked about deadlines. @param offset what makes a time of the sender's one of ours */
  readClock(offset: number): void {
    this.offset = offset;
    this.first = this.byOurClock(this.first);
  }

  /** Those that are not past their deadline; the others stay unknown. */
  alive(now: number): HeldCommand[] {
    const alive: HeldCommand[] = [];
    for (let index = 0; index < this.first.length; index++) if (this.first[index]!.deadline > now) alive.push({ body: this, index });
    return alive;
  }

  /** Objects of their own at each call: what an owner changed before it threw is not seen again. */
  envelopes(): readonly CommandEnvelope[] {
    if (this.decoded) return this.byOurClock(decodeCommands(this.message.content));
    this.decoded = true;
    return this.first;
  }

  isOf(raw: ConfirmChannel): boolean {
    return this.raw === raw;
  }

  private byOurClock(envelopes: readonly CommandEnvelope[]): readonly CommandEnvelope[] {
    return envelopes.map((envelope) => ({ ...envelope, deadline: envelope.deadline + this.offset }));
  }

  ack(): void {
    if (this.lost || this.left) return;
    try {
      this.raw.ack(this.message);
    } catch {
      // The channel has ended: it comes again and is answered from the log.
    }
  }
}
