/** Writes the notices, the badge and the wishes of one person anew from their log: after a bug, after a restore, and in the test that proves that it changes nothing. */
import { type ChannelEvent, userChannel, VecheError } from '@veche/contracts';
import type { EventLog } from '@veche/event-log';
import type { Database, Transaction } from '@veche/platform-postgres';
import { isProjected, project } from './project.ts';
import { clearInbox, lockInbox, type LockedInbox } from './rebuild.repository.ts';

/** Events read and projected at once. */
const PAGE = 1000;

/**
 * Commands to the inbox wait meanwhile, or are refused as unavailable if it takes longer than the lock timeout; nothing is lost.
 * @returns how many events of the inbox were read
 * @throws VecheError `not_found` when the log has no such inbox
 */
export async function rebuildInbox(database: Database, log: EventLog, user: string): Promise<number> {
  return database.transaction((tx) => replay(tx, log, user), { planner: 'indexed' });
}

async function replay(tx: Transaction, log: EventLog, user: string): Promise<number> {
  const locked = await lockInbox(tx, userChannel(user));
  if (!locked) throw new VecheError('not_found', 'there is no such inbox');
  await clearInbox(tx, user);
  for await (const events of pages(log, locked)) {
    for (const run of runsOfOneKind(events.filter(({ kind }) => isProjected(kind)))) await project(tx, run);
  }
  return locked.last_seq;
}

/** All of a log up to where it stood when it was locked. */
async function* pages(log: EventLog, { name, last_seq }: LockedInbox): AsyncGenerator<readonly ChannelEvent[]> {
  for (let after = 0; after < last_seq;) {
    const page = await log.read(name, { after, limit: PAGE, atLeast: last_seq });
    const last = page?.events.at(-1);
    if (!page || !last || page.first_seq > 1) throw new VecheError('unrecoverable_position', `the log of ${name} is not whole behind ${after}`);
    yield page.events;
    after = last.seq;
  }
}

/** Projections of different kinds touch the same rows: their order is kept. "Mark all" alone depends on what came before it, hence stands alone. */
function runsOfOneKind(events: readonly ChannelEvent[]): ChannelEvent[][] {
  const runs: ChannelEvent[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run?.[0]?.kind === event.kind) run.push(event);
    else runs.push([event]);
  }
  return runs;
}
