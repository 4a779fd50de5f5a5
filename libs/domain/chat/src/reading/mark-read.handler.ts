import { Injectable } from '@nestjs/common';
import { MarkRead, ThreadRead, userChannel } from '@veche/contracts';
import type { CommandBatch, Decision, OwnedCommand, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended, NOT_PERMITTED } from '../decision.ts';
import { advanced } from './reading.rules.ts';
import { moveMarkers, numbersAt, readings, type ReadingRow } from './reading.repository.ts';

/** Where a permitted command moves which marker; its number is looked up for the whole batch at once. */
interface Move {
  readonly thread: number;
  readonly seq: number;
}

/** On the reader's inbox, so that a thread with a thousand members does not carry a thousand markers. */
@Injectable()
export class MarkReadHandler {
  @CommandHandler(MarkRead)
  async mark(batch: CommandBatch<MarkRead>): Promise<Verdict> {
    const rows = await readings(
      batch.tx,
      batch.commands.map(({ envelope }) => ({ user: envelope.actor, channel: envelope.data.thread })),
    );
    const rulings = batch.commands.map((command) => move(command, rows));
    const moves = rulings.filter(isMove);
    const numbers = new Map((await numbersAt(batch.tx, moves)).map((number, place) => [moves[place], number]));
    return {
      decisions: rulings.map((ruling, place) => {
        if (!isMove(ruling)) return ruling;
        return appended(ThreadRead, { thread: batch.commands[place]?.envelope.data.thread ?? '', seq: ruling.seq, number: numbers.get(ruling) ?? 0 });
      }),
      project: (events) => moveMarkers(batch.tx, events),
    };
  }
}

function move({ channel, envelope: { actor, data } }: OwnedCommand<MarkRead>, rows: readonly ReadingRow[]): Move | Exclude<Decision, { append: unknown }> {
  const reading = channel.name === userChannel(actor) ? rows.find(({ user_id, name }) => user_id === actor && name === data.thread) : undefined;
  if (!reading) return NOT_PERMITTED;
  const seq = advanced(reading, data.seq);
  if (seq === undefined) return 'unchanged';
  reading.seq = seq;
  return { thread: reading.thread, seq };
}

const isMove = (ruling: object | string): ruling is Move => typeof ruling === 'object' && 'thread' in ruling;
