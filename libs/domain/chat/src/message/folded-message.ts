/** A message as its readers see it: edits, deletion and reactions folded in. */
import type { ChatMessage } from '@veche/contracts';

export interface MessageRow {
  readonly id: string;
  readonly channel: string;
  readonly seq: number;
  readonly number: number;
  readonly actor: string;
  readonly command_id: string;
  readonly ts: number;
  readonly text: string;
  readonly reply_to: string | null;
  readonly attachments: readonly Record<string, unknown>[] | null;
  readonly edited_ts: number | null;
  readonly deleted: boolean;
  /** [reaction, user] in the order given. */
  readonly reactions: readonly (readonly [string, string])[] | null;
}

/** Columns of a `MessageRow` but `channel`, of a table alias `m`. */
export const MESSAGE_COLUMNS = `m.id, m.seq, m.number, m.actor, m.command_id, m.ts, m.text, m.reply_to, m.attachments, m.edited_ts, m.deleted,
  (SELECT json_agg(json_build_array(r.reaction, r.user_id) ORDER BY r.seq) FROM reaction r WHERE r.message = m.id) AS reactions`;

export function folded({ reply_to, attachments, edited_ts, deleted, reactions, ...row }: MessageRow): ChatMessage {
  return {
    ...row,
    ...(reply_to !== null && { reply_to }),
    ...(attachments !== null && { attachments }),
    ...(edited_ts !== null && { edited_ts }),
    ...(deleted && { deleted }),
    reactions: grouped(reactions ?? []),
  };
}

/** `fromEntries` defines own properties, so that a reaction called `__proto__` is only a reaction. */
function grouped(reactions: readonly (readonly [string, string])[]): Record<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const [reaction, user] of reactions) users.set(reaction, [...(users.get(reaction) ?? []), user]);
  return Object.fromEntries(users);
}
