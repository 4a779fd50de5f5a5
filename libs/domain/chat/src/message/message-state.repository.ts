/** Reads what edits, deletions and reactions are decided on. */
import type { CommandBatch } from '@veche/event-log';
import type { Transaction } from '@veche/platform-postgres';
import { type Standings, standingsOf } from '../thread/standing.repository.ts';
import type { MessageState } from './message.rules.ts';

interface MessageRow {
  readonly id: string;
  readonly thread: number;
  readonly actor: string;
  readonly text: string;
  readonly deleted: boolean;
}

/** Messages that a batch names. One of another thread is absent, also when a command of its own thread names it in the same batch. */
export class MessageStates {
  private readonly states: ReadonlyMap<string, { readonly thread: string; readonly state: MessageState }>;

  constructor(rows: readonly MessageRow[]) {
    this.states = new Map(
      rows.map(({ id, thread, actor, text, deleted }) => [id, { thread: String(thread), state: { actor, text, deleted, reactions: new Map() } }]),
    );
  }

  in(thread: string, id: string): MessageState | undefined {
    const found = this.states.get(id);
    return found?.thread === thread ? found.state : undefined;
  }

  /** Whatever its thread. */
  ofId(id: string): MessageState | undefined {
    return this.states.get(id)?.state;
  }
}

export interface Targets {
  readonly threads: Standings;
  readonly messages: MessageStates;
}

interface Target {
  readonly message_id: string;
}

const MESSAGES = `
SELECT m.id, m.thread, m.actor, m.text, m.deleted
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

async function messagesOf<D extends Target>({ commands, tx }: CommandBatch<D>): Promise<MessageStates> {
  const rows = await tx.query<MessageRow>({
    name: 'chat-message-states',
    text: MESSAGES,
    values: [commands.map(({ channel }) => channel.id), commands.map(({ envelope }) => envelope.data.message_id)],
  });
  return new MessageStates(rows);
}

/** Adds what the commands' actors have given to these messages so far. */
export async function loadReactions<D extends Target>({ commands, tx }: CommandBatch<D>, messages: MessageStates): Promise<void> {
  const rows = await loadRows(
    tx,
    commands.map(({ envelope }) => envelope.data.message_id),
    commands.map(({ envelope }) => envelope.actor),
  );
  for (const { message, user_id, reaction } of rows) {
    const reactions = messages.ofId(message)?.reactions;
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
