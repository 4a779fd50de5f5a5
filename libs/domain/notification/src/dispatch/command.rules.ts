/** The command that a due row becomes, and what its reply asks for. */
import { createHash } from 'node:crypto';
import { ClearThread, type CommandEnvelope, type CommandReply, type DeliverNotice, NOTIFIER, Notify, userChannel } from '@veche/contracts';

/**
 * The same for the same thread, event, recipient and kind, for ever: whatever is planned or sent again has one effect.
 * NUL parts them: none of them can contain it, so no two spell the same input.
 */
export const commandIdOf = ({ thread, thread_seq, user, what }: Pick<DeliverNotice, 'thread' | 'thread_seq' | 'user' | 'what'>): string =>
  createHash('sha256').update([thread, thread_seq, user, what].join('\0'), 'utf8').digest('base64url');

export function commandOf(notice: DeliverNotice, deadline: number): CommandEnvelope {
  const { what, thread, thread_seq, message_id, by, user } = notice;
  const about = { thread, thread_seq };
  return {
    kind: what === 'clear' ? ClearThread.kind : Notify.kind,
    channel: userChannel(user),
    actor: NOTIFIER,
    command_id: commandIdOf(notice),
    data: what === 'clear' ? about : { ...about, kind: what, by, ...(message_id !== null && { message_id }) },
    meta: null,
    deadline,
  };
}

/**
 * - `done`: in the log, or decided for good that nothing belongs there.
 * - `later`: the bus or the database is not able at the moment; that says nothing about the notice, so it waits in its row as long as it takes.
 * - `refused`: its owner will not have it; the retries of work, then the dead-letter queue.
 */
export type Outcome = 'done' | 'later' | 'refused';

const NOT_ABLE: ReadonlySet<string> = new Set(['unavailable', 'outcome_unknown', 'too_many_requests']);

export const outcomeOf = (reply: CommandReply): Outcome => (reply.ok ? 'done' : NOT_ABLE.has(reply.error) ? 'later' : 'refused');

/** The pauses of work, the last of them repeated. */
export const delayOf = (delays: readonly number[], attempt: number): number => delays[Math.min(attempt, delays.length) - 1] ?? 1000;
