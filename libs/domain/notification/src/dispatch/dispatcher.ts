import { Inject, Injectable } from '@nestjs/common';
import { type CommandReply, DeliverNotice } from '@veche/contracts';
import { COMMAND_BUS, type CommandBus, deadlineIn, enqueue, type MessagingConfig, messagingConfig, WORK_BUS, type WorkBus } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { NotificationTelemetry } from '../notification.telemetry.ts';
import { commandIdOf, commandOf, delayOf, type Outcome, outcomeOf } from './command.rules.ts';
import { claim, type Due, postpone, removeDue } from './due.repository.ts';

/** Rows claimed at once, and commands under way at once. */
const CLAIM = 200;

/**
 * Sends what is due and lets its row go once it was answered. A crash between the two sends it again under the same command_id,
 * which the log answers with what it has.
 */
@Injectable()
export class Dispatcher {
  // allowed: size: the two buses that a notice may take, the table it waits in, and what both are told by
  constructor(
    private readonly database: Database,
    @Inject(COMMAND_BUS) private readonly commands: CommandBus,
    @Inject(WORK_BUS) private readonly work: WorkBus,
    @Inject(messagingConfig.token) private readonly config: Pick<MessagingConfig, 'RPC_TIMEOUT_MS' | 'RPC_RETRY_DELAYS_MS'>,
    private readonly telemetry: NotificationTelemetry,
  ) {}

  /** How long a row is its sender's: longer than a command can take, so that two processes do not send one at the same time. */
  get leaseMs(): number {
    return this.config.RPC_TIMEOUT_MS + 3000;
  }

  /** Sends rows that are leased to this process. */
  async deliver(due: readonly Due[]): Promise<void> {
    for (let from = 0; from < due.length; from += CLAIM) await this.settle(due.slice(from, from + CLAIM));
  }

  /** Sends what nobody is sending: retries, and what killed processes have left. @returns how many */
  async recover(): Promise<number> {
    let found = 0;
    for (;;) {
      const claimed = await claim(this.database, CLAIM, this.leaseMs);
      found += claimed.length;
      await this.deliver(claimed);
      if (claimed.length < CLAIM) return found;
    }
  }

  /** The owner's answer to one notice. */
  send(notice: DeliverNotice): Promise<CommandReply> {
    return this.commands.send(commandOf(notice, deadlineIn(this.config.RPC_TIMEOUT_MS)));
  }

  private async settle(due: readonly Due[]): Promise<void> {
    const outcomes = await Promise.all(due.map((row) => this.outcome(row)));
    const ended = due.filter((_, place) => outcomes[place] !== 'later');
    const later = due.filter((_, place) => outcomes[place] === 'later');
    await removeDue(
      this.database,
      ended.map(({ id }) => id),
    );
    await postpone(
      this.database,
      later.map(({ id, attempt }) => ({ id, delayMs: delayOf(this.config.RPC_RETRY_DELAYS_MS, attempt) })),
    );
    this.telemetry.postponed(later.length);
  }

  private async outcome(row: Due): Promise<Outcome> {
    const notice = noticeOf(row);
    const reply = await this.send(notice);
    const outcome = outcomeOf(reply);
    if (outcome !== 'refused' || reply.ok) return outcome;
    this.telemetry.refused(notice.what, reply);
    try {
      await enqueue(this.work, DeliverNotice, commandIdOf(notice), notice);
      return 'refused';
    } catch {
      // Not even the work could be queued: the row is the only trace of it and stays.
      return 'later';
    }
  }
}

const noticeOf = ({ user, thread, what, threadSeq, message, by }: Due): DeliverNotice => ({
  user,
  thread,
  what,
  thread_seq: threadSeq,
  message_id: message,
  by,
});
