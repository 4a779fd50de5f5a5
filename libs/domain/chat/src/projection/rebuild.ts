/** Writes the projections of a thread anew from the log: after a bug, after a restore, and in the test that proves that it changes nothing. */
import { type ChannelEvent, MemberAdded, ThreadCreated, ThreadRead, userChannel, VecheError } from '@veche/contracts';
import type { EventLog } from '@veche/event-log';
import type { Database, Transaction } from '@veche/platform-postgres';
import { moveMarkers } from '../reading/reading.repository.ts';
import { project } from './project.ts';
import { clearMarkers, clearThread, lockLogs, type LockedLog } from './rebuild.repository.ts';
import { dataOf, type ThreadEvent } from './thread-event.ts';

/** Events read and projected at once. */
const PAGE = 1000;
/** Readers whose markers are written in one transaction. */
const READERS = 100;

/**
 * Commands to the thread wait meanwhile, or are refused as unavailable if it takes longer than the lock timeout; nothing is lost.
 * @returns how many events of the thread were read
 * @throws VecheError `not_found` when the log has no such thread
 */
export async function rebuildThread(database: Database, log: EventLog, channel: string): Promise<number> {
  const users = new Set<string>();
  const { id, last_seq } = await database.transaction((tx) => replay(tx, log, channel, users), { planner: 'indexed' });
  const readers = [...users];
  for (let from = 0; from < readers.length; from += READERS) await rebuildMarkers(database, log, { id, channel }, readers.slice(from, from + READERS));
  return last_seq;
}

async function replay(tx: Transaction, log: EventLog, channel: string, users: Set<string>): Promise<LockedLog> {
  const [locked] = await lockLogs(tx, [channel]);
  if (!locked) throw new VecheError('not_found', 'there is no such thread');
  await clearThread(tx, locked.id);
  for await (const events of pages(log, locked)) {
    for (const event of events) joinersOf(event).forEach((user) => users.add(user));
    for (const run of runsOfOneKind(events.map((event) => ({ thread: locked.id, event })))) await project(tx, run);
  }
  return locked;
}

/** All of a log up to where it stood when it was locked. */
async function* pages(log: EventLog, { name, last_seq }: LockedLog): AsyncGenerator<readonly ChannelEvent[]> {
  for (let after = 0; after < last_seq;) {
    const page = await log.read(name, { after, limit: PAGE, atLeast: last_seq });
    const last = page?.events.at(-1);
    if (!page || !last || page.first_seq > 1) throw new VecheError('unrecoverable_position', `the log of ${name} is not whole behind ${after}`);
    yield page.events;
    after = last.seq;
  }
}

function joinersOf(event: ChannelEvent): readonly string[] {
  if (event.kind === ThreadCreated.kind) return dataOf(ThreadCreated, event).members.map(({ user }) => user);
  return event.kind === MemberAdded.kind ? [dataOf(MemberAdded, event).user] : [];
}

/** Projections of different kinds may touch the same row: their order is kept, within a kind one statement does. */
function runsOfOneKind(events: readonly ThreadEvent[]): ThreadEvent[][] {
  const runs: ThreadEvent[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run?.[0]?.event.kind === event.event.kind) run.push(event);
    else runs.push([event]);
  }
  return runs;
}

async function rebuildMarkers(
  database: Database,
  log: EventLog,
  thread: { readonly id: string; readonly channel: string },
  users: readonly string[],
): Promise<void> {
  await database.transaction(
    async (tx) => {
      const inboxes = await lockLogs(tx, users.map(userChannel));
      await clearMarkers(tx, thread.id, users);
      for (const inbox of inboxes) {
        for await (const events of pages(log, inbox)) {
          const read = events.filter((event) => event.kind === ThreadRead.kind && dataOf(ThreadRead, event).thread === thread.channel);
          if (read.length > 0) await moveMarkers(tx, read);
        }
      }
    },
    { planner: 'indexed' },
  );
}
