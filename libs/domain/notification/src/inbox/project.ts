/** From events of inboxes to rows, the one way: handlers call it with what they appended, a rebuild with what the log holds. */
import {
  AllNoticesRead,
  type ChannelEvent,
  NOTICE_KINDS,
  NoticeRead,
  Notified,
  parseChannel,
  PreferencesSet,
  ThreadCleared,
  ThreadMuted,
} from '@veche/contracts';
import type { Transaction } from '@veche/platform-postgres';
import { dataOf } from '../decision.ts';
import { clearThreads, moveThrough, readNotices, storeNotices, writeKindsOff, writeMutes } from './projection.repository.ts';

type Projector = (tx: Transaction, events: readonly ChannelEvent[]) => Promise<void>;

const userOf = ({ channel }: ChannelEvent): string => parseChannel(channel)?.id ?? '';

const PROJECTORS: Readonly<Record<string, Projector>> = {
  [Notified.kind]: (tx, events) =>
    storeNotices(
      tx,
      events.map((event) => ({ ...dataOf(Notified, event), user: userOf(event), seq: event.seq, id: event.id, ts: event.ts })),
    ),
  [NoticeRead.kind]: (tx, events) =>
    readNotices(
      tx,
      events.map((event) => ({ user: userOf(event), seq: event.seq, notice: dataOf(NoticeRead, event).notice_id })),
    ),
  [AllNoticesRead.kind]: (tx, events) =>
    moveThrough(
      tx,
      events.map((event) => ({ user: userOf(event), seq: event.seq, through: dataOf(AllNoticesRead, event).through })),
    ),
  [ThreadCleared.kind]: (tx, events) =>
    clearThreads(
      tx,
      events.map((event) => ({ ...dataOf(ThreadCleared, event), user: userOf(event), seq: event.seq })),
    ),
  [PreferencesSet.kind]: (tx, events) =>
    writeKindsOff(
      tx,
      events.map((event) => ({ user: userOf(event), off: offOf(event) })),
    ),
  [ThreadMuted.kind]: (tx, events) =>
    writeMutes(
      tx,
      events.map((event) => ({ ...dataOf(ThreadMuted, event), user: userOf(event) })),
    ),
};

function offOf(event: ChannelEvent): string[] {
  const wanted = dataOf(PreferencesSet, event);
  return NOTICE_KINDS.filter((kind) => !wanted[kind]);
}

export const isProjected = (kind: string): boolean => Object.hasOwn(PROJECTORS, kind);

/** Applies events of one kind, in order; one statement whatever their number. */
export async function project(tx: Transaction, events: readonly ChannelEvent[]): Promise<void> {
  const kind = events[0]?.kind;
  if (kind === undefined) return;
  const projector = PROJECTORS[kind];
  if (!projector) throw new Error(`an event of the kind ${kind} is no matter of notices`);
  await projector(tx, events);
}
