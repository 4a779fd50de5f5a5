/** Shows commands that are not answered yet as if they were done; an event with their command_id takes their place. */
import type { Pending, Shown, Timeline } from './model.ts';
import { reacted } from './timeline.rules.ts';

/** A message on the screen. */
export interface Line extends Shown {
  /** The command behind it, or behind its last change. */
  readonly pending?: Pending;
}

export function lines(messages: readonly Shown[], pending: readonly Pending[], channel: string, me: string): readonly Line[] {
  const own = pending.filter((command) => command.channel === channel);
  if (own.length === 0) return messages;
  const done = new Set(messages.map((message) => message.command_id));
  const unsent = own.filter((command) => command.name === 'chat.send' && !done.has(command.command_id)).map((command) => draft(command, me));
  return [...overlaid(messages, own, me), ...unsent];
}

function overlaid(messages: readonly Shown[], own: readonly Pending[], me: string): readonly Line[] {
  const changes = own.filter((command) => typeof command.params['message_id'] === 'string');
  if (changes.length === 0) return messages;
  return messages.map((message) =>
    changes
      .filter((command) => command.params['message_id'] === message.id && !settledBy(message, command))
      .reduce<Line>((line, command) => changed(line, command, me), message),
  );
}

const settledBy = (message: Shown, command: Pending): boolean => command.seq !== undefined && message.folded_to >= command.seq;

function changed(line: Line, command: Pending, me: string): Line {
  if (command.refused !== undefined) return { ...line, pending: command };
  if (command.name === 'chat.edit') return { ...line, text: String(command.params['text']), edited_ts: command.ts, pending: command };
  if (command.name === 'chat.delete') return { ...line, text: '', deleted: true, reactions: {}, pending: command };
  if (command.name === 'chat.react')
    return { ...line, reactions: reacted(line.reactions, String(command.params['reaction']), me, command.params['remove'] === true) };
  return line;
}

function draft(command: Pending, me: string): Line {
  const reply = command.params['reply_to'];
  return {
    id: command.command_id,
    channel: command.channel,
    seq: command.seq ?? 0,
    number: 0,
    actor: me,
    command_id: command.command_id,
    ts: command.ts,
    text: String(command.params['text']),
    ...(typeof reply === 'string' && { reply_to: reply }),
    reactions: {},
    folded_to: 0,
    pending: command,
  };
}

/** Answered commands are kept until the thread is folded up to their events. */
export function unsettled(pending: readonly Pending[], timelines: Readonly<Record<string, Timeline>>): readonly Pending[] {
  const left = pending.filter(({ channel, seq }) => seq === undefined || (timelines[channel]?.seq ?? seq) < seq);
  return left.length === pending.length ? pending : left;
}
