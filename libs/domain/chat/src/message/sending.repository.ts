/** Reads what sending is decided on: the hot path, one prepared statement for a batch. */
import type { Role } from '@veche/contracts';
import type { Transaction } from '@veche/platform-postgres';
import { roleOf } from '../thread/membership.rules.ts';

export interface Sender {
  readonly thread: string;
  readonly user: string;
  readonly reply_to: string | null;
}

export interface SendingState {
  readonly role: Role | undefined;
  /** Of the thread's last message; 0 before the first. */
  readonly last_number: number;
  /** True also when the message is no reply. */
  readonly replyFound: boolean;
  /** Who wrote the message replied to. */
  readonly replyActor: string | undefined;
}

// Scalar subqueries: the planner has no other way to run them than one index look-up each, whatever it believes about the tables.
// With EXISTS it had one: a hash of all messages, for every batch (seen in a generic plan).
const SENDERS = `
SELECT
  (SELECT m.role FROM member m WHERE m.thread = i.thread AND m.user_id = i.user_id) AS role,
  (SELECT t.last_number FROM thread t WHERE t.id = i.thread) AS last_number,
  i.reply_to IS NULL AS no_reply,
  (SELECT CASE WHEN r.thread = i.thread THEN r.actor END FROM message r WHERE r.id = i.reply_to) AS reply_actor
FROM unnest($1::bigint[], $2::text[], $3::uuid[]) WITH ORDINALITY AS i(thread, user_id, reply_to, place)
ORDER BY i.place`;

interface SenderRow {
  readonly role: number | null;
  readonly last_number: number | null;
  readonly no_reply: boolean;
  readonly reply_actor: string | null;
}

/** One state for each sender, in order. */
export async function sendingStates(tx: Transaction, senders: readonly Sender[]): Promise<SendingState[]> {
  const rows = await tx.query<SenderRow>({
    name: 'chat-senders',
    text: SENDERS,
    values: [senders.map(({ thread }) => thread), senders.map(({ user }) => user), senders.map(({ reply_to }) => reply_to)],
  });
  return rows.map(({ role, last_number, no_reply, reply_actor }) => ({
    role: role === null ? undefined : roleOf(role),
    last_number: last_number ?? 0,
    replyFound: no_reply || reply_actor !== null,
    replyActor: reply_actor ?? undefined,
  }));
}
