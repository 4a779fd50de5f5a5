/** Who may do what to an inbox, and what a notice needs to be given; decided under the lock of the inbox, hence for good. */
import { NOTIFIER, type NoticeKind, parseChannel } from '@veche/contracts';
import { refused, type Refused, type Ruling } from '../decision.ts';

const NOT_PERMITTED: Refused = { refuse: 'permission_denied', message: 'not permitted' };

/** Whose inbox the channel is, or why the actor may not: it is their own, or they are the service itself. */
export function inboxOf(channel: string, actor: string): { readonly user: string } | Refused {
  const parsed = parseChannel(channel);
  if (parsed?.kind !== 'user' || parsed.id === '') return refused('not_available', 'notices stand in inboxes only: "user:<id>"');
  return actor === NOTIFIER || actor === parsed.id ? { user: parsed.id } : NOT_PERMITTED;
}

/** As `inboxOf`, for what only the service says. */
export const inboxForNotifier = (channel: string, actor: string): { readonly user: string } | Refused =>
  actor === NOTIFIER ? inboxOf(channel, actor) : NOT_PERMITTED;

/** Of whose inbox a batch reads; '' matches no row. */
export const userOf = (inbox: { readonly user: string } | Refused | undefined): string => (inbox && 'user' in inbox ? inbox.user : '');

/** What the person has said about notices of a thread, as far as the database knows. */
export interface Wishes {
  readonly kindsOff: readonly string[];
  readonly muted: boolean;
  /** How far they have read the thread. */
  readonly readSeq: number;
}

/** A notice that nobody wants any more is no error: the sender is done with it. */
export function mayNotify({ kindsOff, muted, readSeq }: Wishes, kind: NoticeKind, threadSeq: number): Ruling {
  return muted || kindsOff.includes(kind) || readSeq >= threadSeq ? 'unchanged' : undefined;
}

/** An unread notice, read, one of somebody else, or none: the last two must not be told apart. */
export function mayRead(notice: { readonly read: boolean } | undefined): Ruling {
  if (!notice) return refused('not_found', 'there is no such notice in your inbox');
  return notice.read ? 'unchanged' : undefined;
}

/**
 * Notices that one command after the other makes read, each up to a position: what is up to the farthest so far is read already.
 * The counts are of one moment before all of them.
 */
export class Clearing {
  private farthest = -1;
  private cleared = 0;

  /** @param count unread up to `position` before the batch. @returns how many this command makes read */
  upTo(position: number, count: number): number {
    if (position <= this.farthest) return 0;
    this.farthest = position;
    const fresh = count - this.cleared;
    this.cleared = count;
    return fresh;
  }
}

export function mayMute(muted: boolean, wanted: boolean, mutes: number, max: number): Ruling {
  if (muted === wanted) return 'unchanged';
  return wanted && mutes >= max ? refused('limit_exceeded', `at most ${max} threads can be muted: unmute one first`) : undefined;
}
