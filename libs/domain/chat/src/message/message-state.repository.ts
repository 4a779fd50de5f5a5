/** Reads what edits, deletions and reactions are decided on. */
import type { CommandBatch } from '@veche/event-log';
import type { Transaction } from '@veche/platform-postgres';
import { type Standings, standingsOf } from '../thread/standing.repository.ts';
import type { MessageState } from './message.rules.ts';

/** Messages by id; one of another thread is absent, as if it did not exist. */
export type MessageStates = ReadonlyMap<string, MessageState>;

export interface Targets {
  readonly threads: Standings;
  readonly messages: MessageStates;
}

interface Target {
  readonly message_id: string;
}

const MESSAGES = `
SELECT m.id, m.actor, m.text, m.deleted
FROM unnest($1::bigint[], $2::uuid[]) AS i(thread, id)
JOIN message m ON m.id = i.id AND m.thread = i.thread`;

const REACTIONS = `
SELECT r.message, r.user_id, r.reaction
FROM unnest($1::uuid[], $2::text[]) AS i(message, user_id)
JOIN reaction r ON r.message = i.message AND r.user_id = i.user_id`;

/** The messages that the commands name and the roles of whoever gives them: two statements, pipelined. */
export async function targetsOf<D extends Target>(batch: CommandBatch<D>): Promise<Targets> {
  const [threads, messages] = await Promise.all([standingsOf(batch), messagesOf(batch)]);
  return { threads, messages };
}

async function messagesOf<D extends Target>({ commands, tx }: CommandBatch<D>): Promise<Map<string, MessageState>> {
  const rows = await tx.query<{ readonly id: string; readonly actor: string; readonly text: string; readonly deleted: boolean }>({
    name: 'chat-message-states',
    text: MESSAGES,
    values: [commands.map(({ channel }) => channel.id), commands.map(({ envelope }) => envelope.data.message_id)],
  });
  return new Map(rows.map(({ id, actor, text, deleted }) => [id, { actor, text, deleted, reactions: new Map() }]));
}

/** Adds what the commands' actors have given to these messages so far. */
export async function loadReactions<D extends Target>({ commands, tx }: CommandBatch<D>, messages: MessageStates): Promise<void> {
  const rows = await loadRows(
    tx,
    commands.map(({ envelope }) => envelope.data.message_id),
    commands.map(({ envelope }) => envelope.actor),
  );
  for (const { message, user_id, reaction } of rows) {
    const reactions = messages.get(message)?.reactions;
    const own = reactions?.get(user_id) ?? new Set<string>();
    reactions?.set(user_id, own.add(reaction));
  }
}

interface ReactionRow {
  readonly message: string;
  readonly user_id: string;
  readonly reaction: string;
}

const loadRows = (tx: Transaction, messages: readonly string[], users: readonly string[]): Promise<readonly ReactionRow[]> =>
  tx.query<ReactionRow>({ name: 'chat-own-reactions', text: REACTIONS, values: [messages, users] });
