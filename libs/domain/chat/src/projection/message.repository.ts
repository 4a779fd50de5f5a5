/** Writes the rows of messages and reactions; each call is one statement. */
import { MessageDeleted, MessageEdited, MessageReacted, MessageSent } from '@veche/contracts';
import type { Transaction } from '@veche/platform-postgres';
import { dataOf, lastOf, type ThreadEvent } from './thread-event.ts';

/**
 * One statement for the three tables that a message touches: this is the hot path, and a round trip is dearer than a CTE.
 * The sender has read what they wrote and everything before it.
 */
const SEND = `
WITH sent AS MATERIALIZED (
  SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::uuid[], $10::json[])
    AS s(thread, id, seq, number, actor, command_id, ts, text, reply_to, attachments)),
stored AS (
  INSERT INTO message (thread, id, seq, number, actor, command_id, ts, text, reply_to, attachments)
  SELECT thread, id, seq, number, actor, command_id, ts, text, reply_to, attachments FROM sent),
marked AS (
  UPDATE member m SET read_seq = a.seq, read_number = a.number
  FROM (SELECT thread, actor, max(seq) AS seq, max(number) AS number FROM sent GROUP BY thread, actor) a
  WHERE m.thread = a.thread AND m.user_id = a.actor)
UPDATE thread t SET last_seq = a.seq, last_number = a.number, updated_ts = greatest(t.updated_ts, a.ts)
FROM (SELECT thread, max(seq) AS seq, max(number) AS number, max(ts) AS ts FROM sent GROUP BY thread) a
WHERE t.id = a.thread`;

export async function storeMessages(tx: Transaction, sent: readonly ThreadEvent[]): Promise<void> {
  const data = sent.map(({ event }) => dataOf(MessageSent, event));
  await tx.query({
    name: 'chat-store-messages',
    text: SEND,
    values: [
      sent.map(({ thread }) => thread),
      sent.map(({ event }) => event.id),
      sent.map(({ event }) => event.seq),
      data.map(({ number }) => number),
      sent.map(({ event }) => event.actor),
      sent.map(({ event }) => event.command_id),
      sent.map(({ event }) => event.ts),
      data.map(({ text }) => text),
      data.map(({ reply_to }) => reply_to ?? null),
      data.map(({ attachments }) => (attachments ? JSON.stringify(attachments) : null)),
    ],
  });
}

export async function updateTexts(tx: Transaction, edited: readonly ThreadEvent[]): Promise<void> {
  const edits = lastOf(
    edited.map(({ event }) => ({ ...dataOf(MessageEdited, event), ts: event.ts })),
    ({ message_id }) => message_id,
  );
  await tx.query({
    name: 'chat-update-texts',
    text: `UPDATE message m SET text = i.text, edited_ts = i.ts FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS i(id, text, ts) WHERE m.id = i.id`,
    values: [edits.map(({ message_id }) => message_id), edits.map(({ text }) => text), edits.map(({ ts }) => ts)],
  });
}

/** Leaves tombstones: nothing of the content stays outside the log. */
export async function buryMessages(tx: Transaction, deleted: readonly ThreadEvent[]): Promise<void> {
  await tx.query({
    name: 'chat-bury-messages',
    text: `WITH taken AS (DELETE FROM reaction WHERE message = ANY($1::uuid[]))
      UPDATE message SET deleted = true, text = '', attachments = NULL WHERE id = ANY($1::uuid[])`,
    values: [deleted.map(({ event }) => dataOf(MessageDeleted, event).message_id)],
  });
}

/** A reaction given again counts from when it was given last. */
const REACT = `
WITH taken AS (
  DELETE FROM reaction r USING unnest($1::uuid[], $2::text[], $3::text[]) AS i(message, user_id, reaction)
  WHERE r.message = i.message AND r.user_id = i.user_id AND r.reaction = i.reaction)
INSERT INTO reaction (message, user_id, reaction, seq)
SELECT * FROM unnest($4::uuid[], $5::text[], $6::text[], $7::bigint[])
ON CONFLICT (message, user_id, reaction) DO UPDATE SET seq = excluded.seq`;

export async function writeReactions(tx: Transaction, reacted: readonly ThreadEvent[]): Promise<void> {
  const reactions = lastOf(
    reacted.map(({ event }) => ({ ...dataOf(MessageReacted, event), user: event.actor, seq: event.seq })),
    ({ message_id, user, reaction }) => JSON.stringify([message_id, user, reaction]),
  );
  const taken = reactions.filter(({ removed }) => removed);
  const given = reactions.filter(({ removed }) => !removed);
  await tx.query({
    name: 'chat-write-reactions',
    text: REACT,
    values: [
      taken.map(({ message_id }) => message_id),
      taken.map(({ user }) => user),
      taken.map(({ reaction }) => reaction),
      given.map(({ message_id }) => message_id),
      given.map(({ user }) => user),
      given.map(({ reaction }) => reaction),
      given.map(({ seq }) => seq),
    ],
  });
}
