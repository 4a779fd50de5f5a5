import { Inject, Injectable } from '@nestjs/common';
import { type CommandEnvelope, type CommandReply, VecheError } from '@veche/contracts';
import { type BatchProcessor, COMMAND_HANDLERS, type CommandHandlers, EVENT_BUS, type EventBus, systemClock } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { EventLogTelemetry } from '../event-log.telemetry.ts';
import { admit, type Admitted } from './admission.rules.ts';
import type { BatchTrace } from './batch-trace.ts';
import { decide } from './decide.ts';
import { poisonRefusal, remedyOf } from './failure.ts';
import { emptyOutcome, merge, type Outcome } from './outcome.ts';

/** Deliveries of one batch after which its commands are handled one by one. */
const ISOLATE_FROM = 4;
/** Runs of one transaction that met a twin or a deadlock, before its commands are handled one by one. */
const MAX_RUNS = 8;

/**
 * The one place where commands become events: batch in, one transaction, events published with confirm, replies.
 * The bus acknowledges the batch after the replies, so a crash anywhere delivers it again; the log then answers what it has.
 */
@Injectable()
export class OwnerLoop implements BatchProcessor {
  constructor(
    private readonly database: Database,
    @Inject(COMMAND_HANDLERS) private readonly handlers: CommandHandlers,
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    private readonly telemetry: EventLogTelemetry,
  ) {}

  process(batch: readonly CommandEnvelope[], attempt: number): Promise<readonly CommandReply[]> {
    return this.telemetry.traced(batch, attempt, (trace) => this.handle(batch, attempt, trace));
  }

  /** A primary that was demoted answers, and takes nothing. */
  async probe(): Promise<void> {
    const [row] = await this.database.query<{ transaction_read_only: string }>({ text: 'SHOW transaction_read_only' });
    if (row?.transaction_read_only !== 'off') throw new VecheError('unavailable');
  }

  private async handle(batch: readonly CommandEnvelope[], attempt: number, trace: BatchTrace | undefined): Promise<readonly CommandReply[]> {
    const { admitted, refused } = admit(batch, this.handlers, systemClock.now());
    const outcome = emptyOutcome();
    if (admitted.length > 0) merge(outcome, attempt < ISOLATE_FROM ? await this.together(admitted) : await this.oneByOne(admitted));
    await this.tell(outcome, trace);
    return batch.map((_, index) => (refused.get(index) ?? outcome.replies.get(index)) as CommandReply);
  }

  private async together(commands: readonly Admitted[]): Promise<Outcome> {
    try {
      return await this.commit(commands);
    } catch (error) {
      if (remedyOf(error) === 'redeliver') throw error;
      this.telemetry.isolated(commands.length, error);
      return this.oneByOne(commands);
    }
  }

  /** Each in a transaction of its own; what was committed before a throw is answered from the log when the batch comes again. */
  private async oneByOne(commands: readonly Admitted[]): Promise<Outcome> {
    const outcome = emptyOutcome();
    for (const command of commands) {
      try {
        merge(outcome, await this.commit([command]));
      } catch (error) {
        const answer = poisonRefusal(error);
        if (!answer) throw error;
        this.telemetry.poisoned(command.envelope.kind, error);
        outcome.replies.set(command.index, answer);
      }
    }
    return outcome;
  }

  private async commit(commands: readonly Admitted[]): Promise<Outcome> {
    for (let run = 1; ; run++) {
      try {
        const end = this.telemetry.transaction(commands.length);
        const outcome = await this.database.transaction((tx) => decide(tx, commands), { planner: 'indexed' });
        end();
        return outcome;
      } catch (error) {
        if (remedyOf(error) !== 'again' || run === MAX_RUNS) throw error;
        this.telemetry.ranAgain();
      }
    }
  }

  /** A rejected publish leaves the batch unacknowledged: it comes again, is answered from the log, and the same events go out. */
  private async tell({ events, signals }: Outcome, trace: BatchTrace | undefined): Promise<void> {
    this.telemetry.appended(events);
    if (events.length > 0) await this.telemetry.publishing(events.length, () => this.bus.publish(trace?.onward(events) ?? events));
    for (const make of signals) {
      try {
        this.bus.signal(make());
      } catch (error) {
        // Committed and published: a signal is nothing that may undo that.
        this.telemetry.signalFailed(error);
      }
    }
  }
}
