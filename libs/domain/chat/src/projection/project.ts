/** From events to rows, the one way: handlers call it with what they appended, a rebuild with what the log holds. */
import {
  MemberAdded,
  MemberRemoved,
  MemberRoleChanged,
  MessageDeleted,
  MessageEdited,
  MessageReacted,
  MessageSent,
  ThreadCreated,
  ThreadRenamed,
} from '@veche/contracts';
import type { Transaction } from '@veche/platform-postgres';
import { buryMessages, storeMessages, updateTexts, writeReactions } from './message.repository.ts';
import { dataOf, type ThreadEvent } from './thread-event.ts';
import { advanceThreads, deleteMembers, insertMembers, insertThreads, updateRoles } from './thread.repository.ts';

type Projector = (tx: Transaction, events: readonly ThreadEvent[]) => Promise<unknown>;

// Statements of one transaction are pipelined: they run in the order written here and cost one round trip together.
const PROJECTORS: Readonly<Record<string, Projector>> = {
  [MessageSent.kind]: storeMessages,
  [MessageEdited.kind]: (tx, events) => Promise.all([updateTexts(tx, events), advanceThreads(tx, events)]),
  [MessageDeleted.kind]: (tx, events) => Promise.all([buryMessages(tx, events), advanceThreads(tx, events)]),
  [MessageReacted.kind]: (tx, events) => Promise.all([writeReactions(tx, events), advanceThreads(tx, events)]),
  [ThreadCreated.kind]: (tx, events) =>
    Promise.all([
      insertThreads(tx, events),
      insertMembers(
        tx,
        events.flatMap((at) => dataOf(ThreadCreated, at.event).members.map((joining) => ({ joining, at }))),
      ),
    ]),
  [ThreadRenamed.kind]: (tx, events) => advanceThreads(tx, events, ({ event }) => ({ title: dataOf(ThreadRenamed, event).title })),
  [MemberAdded.kind]: (tx, events) =>
    Promise.all([
      insertMembers(
        tx,
        events.map((at) => ({ joining: dataOf(MemberAdded, at.event), at })),
      ),
      advanceThreads(tx, events, () => ({ members: 1 })),
    ]),
  [MemberRoleChanged.kind]: (tx, events) => Promise.all([updateRoles(tx, events), advanceThreads(tx, events)]),
  [MemberRemoved.kind]: (tx, events) =>
    Promise.all([
      deleteMembers(
        tx,
        events.map(({ thread, event }) => ({ thread, leaving: dataOf(MemberRemoved, event) })),
      ),
      advanceThreads(tx, events, () => ({ members: -1 })),
    ]),
};

/**
 * Applies events of one kind, in order. One statement a table whatever their number.
 * @throws for a kind that is no event of a thread: nothing of the log may be passed over.
 */
export async function project(tx: Transaction, events: readonly ThreadEvent[]): Promise<void> {
  const kind = events[0]?.event.kind;
  if (kind === undefined) return;
  const projector = PROJECTORS[kind];
  if (!projector) throw new Error(`an event of the kind ${kind} does not belong into the log of a thread`);
  await projector(tx, events);
}
