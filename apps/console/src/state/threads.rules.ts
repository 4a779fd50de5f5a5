/** The list of threads: unread counts are arithmetic on message numbers, never a count. */
import type { MessageSent, ThreadActivity, ThreadRead, ThreadRenamed } from '@veche/contracts';
import { KINDS } from './kinds.ts';
import type { LogEvent, Thread, ThreadSummary } from './model.ts';
import { reacted } from './timeline.rules.ts';

type Threads = Readonly<Record<string, Thread>>;

export function summarised(known: Thread | undefined, summary: ThreadSummary): Thread {
  const fresh: Thread = { ...summary, read_number: summary.last_number - summary.unread, folded_seq: summary.last_seq };
  if (!known) return fresh;
  // An answer that left the server before the last event must not turn the clock back.
  const base = known.folded_seq > summary.last_seq ? known : fresh;
  return counted({
    ...base,
    last_seq: Math.max(known.last_seq, fresh.last_seq),
    last_number: Math.max(known.last_number, fresh.last_number),
    read_seq: Math.max(known.read_seq, fresh.read_seq),
    read_number: Math.max(known.read_number, fresh.read_number),
  });
}

/** The reader has seen everything up to `number`, here or on another device. Never moves back. */
export const readUpTo = (thread: Thread, seq: number, number: number): Thread =>
  counted({ ...thread, read_seq: Math.max(thread.read_seq, seq), read_number: Math.max(thread.read_number, number) });

export const active = (thread: Thread, activity: ThreadActivity): Thread =>
  activity.last_seq <= thread.last_seq
    ? thread
    : counted({ ...thread, last_seq: activity.last_seq, last_number: Math.max(thread.last_number, activity.last_number) });

export const isThreadRead = (event: LogEvent): event is LogEvent & { data: ThreadRead } => event.kind === KINDS.threadRead;

/** What an event of an open thread changes in its row. */
export function touched(thread: Thread, event: LogEvent, me: string): Thread {
  if (event.seq <= thread.folded_seq) return thread;
  const next = { ...thread, folded_seq: event.seq, last_seq: Math.max(thread.last_seq, event.seq), last_message: preview(thread, event) };
  switch (event.kind) {
    case KINDS.messageSent: {
      const { number } = event.data as MessageSent;
      const sent = counted({ ...next, last_number: Math.max(thread.last_number, number), updated_ts: event.ts });
      // Sending moves the sender's own marker.
      return event.actor === me ? readUpTo(sent, event.seq, number) : sent;
    }
    case KINDS.threadRenamed:
      return { ...next, title: (event.data as ThreadRenamed).title };
    case KINDS.memberAdded:
      return { ...next, members: thread.members + 1 };
    case KINDS.memberRemoved:
      return { ...next, members: thread.members - 1 };
    default:
      return next;
  }
}

function preview(thread: Thread, event: LogEvent): Thread['last_message'] {
  const last = thread.last_message;
  if (event.kind === KINDS.messageSent) {
    const { text, number } = event.data as MessageSent;
    return {
      id: event.id,
      channel: event.channel,
      seq: event.seq,
      number,
      actor: event.actor,
      command_id: event.command_id,
      ts: event.ts,
      text,
      reactions: {},
    };
  }
  const data = event.data as { message_id?: string; text?: string; reaction?: string; removed?: boolean };
  if (!last || data.message_id !== last.id) return last;
  if (event.kind === KINDS.messageEdited) return { ...last, text: data.text ?? last.text };
  if (event.kind === KINDS.messageDeleted) return { ...last, text: '', deleted: true };
  return { ...last, reactions: reacted(last.reactions, data.reaction ?? '', event.actor, data.removed ?? false) };
}

const counted = (thread: Thread): Thread => ({ ...thread, unread: Math.max(0, thread.last_number - thread.read_number) });

/** Latest first. */
export const listed = (threads: Threads): Thread[] => Object.values(threads).sort((a, b) => moment(b) - moment(a) || a.channel.localeCompare(b.channel));

const moment = (thread: Thread): number => Math.max(thread.updated_ts, thread.last_message?.ts ?? 0);

export const totalUnread = (threads: Threads): number => Object.values(threads).reduce((sum, thread) => sum + thread.unread, 0);
