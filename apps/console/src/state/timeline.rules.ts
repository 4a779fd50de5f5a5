/** Folds the events of a thread into messages. Applying an event twice changes nothing; one before its turn waits. */
import type { MessageDeleted, MessageEdited, MessagePage, MessageReacted, MessageSent } from '@veche/contracts';
import { KINDS } from './kinds.ts';
import type { LogEvent, Shown, Timeline } from './model.ts';

export const timelineOf = (page: MessagePage, limit: number): Timeline => ({
  epoch: page.epoch,
  seq: page.last_seq,
  messages: shown(page),
  complete: page.messages.length < limit,
  waiting: [],
});

/** A newer page takes the place of what was loaded; what came early is applied behind it. */
export function replaced(old: Timeline | undefined, page: MessagePage, limit: number): Timeline {
  const fresh = timelineOf(page, limit);
  return old?.epoch === fresh.epoch ? drained({ ...fresh, waiting: old.waiting }) : fresh;
}

/** Older messages go in front; they may be folded further than the timeline itself, see `folded_to`. */
export function extended(timeline: Timeline, page: MessagePage, limit: number): Timeline {
  const known = new Set(timeline.messages.map((message) => message.id));
  const older = shown(page).filter((message) => !known.has(message.id));
  return { ...timeline, messages: [...older, ...timeline.messages].sort(bySeq), complete: page.messages.length < limit };
}

export function applied(timeline: Timeline, event: LogEvent): Timeline {
  if (event.seq <= timeline.seq || timeline.waiting.some((other) => other.seq === event.seq)) return timeline;
  return drained({ ...timeline, waiting: [...timeline.waiting, event].sort(bySeq) });
}

/** Something is missing before what waits: the page must be loaded anew. */
export const hasGap = (timeline: Timeline): boolean => timeline.waiting.length > 0;

function drained(timeline: Timeline): Timeline {
  let { seq, messages } = timeline;
  const waiting = timeline.waiting.filter((event) => {
    if (event.seq > seq + 1) return true;
    if (event.seq === seq + 1) messages = fold(messages, event);
    seq = Math.max(seq, event.seq);
    return false;
  });
  return { ...timeline, seq, messages, waiting };
}

function fold(messages: readonly Shown[], event: LogEvent): readonly Shown[] {
  switch (event.kind) {
    case KINDS.messageSent:
      return [...messages, sent(event, event.data as MessageSent)];
    case KINDS.messageEdited: {
      const { message_id, text } = event.data as MessageEdited;
      return changed(messages, message_id, event.seq, (message) => ({ ...message, text, edited_ts: event.ts }));
    }
    case KINDS.messageDeleted:
      return changed(messages, (event.data as MessageDeleted).message_id, event.seq, (message) => ({ ...message, text: '', deleted: true, reactions: {} }));
    case KINDS.messageReacted: {
      const { message_id, reaction, removed } = event.data as MessageReacted;
      return changed(messages, message_id, event.seq, (message) => ({ ...message, reactions: reacted(message.reactions, reaction, event.actor, removed) }));
    }
    default:
      return messages;
  }
}

const sent = (event: LogEvent, data: MessageSent): Shown => ({
  id: event.id,
  channel: event.channel,
  seq: event.seq,
  number: data.number,
  actor: event.actor,
  command_id: event.command_id,
  ts: event.ts,
  text: data.text,
  ...(data.reply_to && { reply_to: data.reply_to }),
  ...(data.attachments && { attachments: data.attachments }),
  reactions: {},
  folded_to: event.seq,
});

/** A message that is not loaded is left alone: its page will bring it folded. */
function changed(messages: readonly Shown[], id: string, seq: number, change: (message: Shown) => Shown): readonly Shown[] {
  return messages.map((message) => (message.id === id && message.folded_to < seq ? { ...change(message), folded_to: seq } : message));
}

type Reactions = Shown['reactions'];

export function reacted(reactions: Reactions, reaction: string, user: string, removed: boolean): Reactions {
  const { [reaction]: users = [], ...others } = reactions;
  if (removed) {
    const left = users.filter((one) => one !== user);
    return left.length > 0 ? { ...reactions, [reaction]: left } : others;
  }
  return users.includes(user) ? reactions : { ...reactions, [reaction]: [...users, user] };
}

const bySeq = (a: { seq: number }, b: { seq: number }): number => a.seq - b.seq;
const shown = (page: MessagePage): Shown[] => page.messages.map((message) => ({ ...message, folded_to: page.last_seq })).sort(bySeq);
