/** What happens to notices; each is an event of the person's `user:<id>`. `unread` is the exact badge after the event. */
import { z } from 'zod';
import { EventId, Seq } from '../ids.ts';
import { type DataOf, event } from '../message.ts';
import { NoticeKind } from './notices.ts';

const unread = z.int().min(0);

/** The event's id and seq are those of the notice. */
export const Notified = event(
  'notification.notified.v1',
  z.object({ kind: NoticeKind, thread: z.string(), thread_seq: Seq, message_id: EventId.optional(), by: z.string(), unread }),
);
export const NoticeRead = event('notification.notice-read.v1', z.object({ notice_id: EventId, unread }));
/** Notices at or before the inbox's `through`. */
export const AllNoticesRead = event('notification.all-notices-read.v1', z.object({ through: Seq, unread }));
/** Notices about the thread's events at or before `thread_seq`. */
export const ThreadCleared = event('notification.thread-cleared.v1', z.object({ thread: z.string(), thread_seq: Seq, unread }));
/** All kinds, as they are now. */
export const PreferencesSet = event(
  'notification.preferences-set.v1',
  z.object({ mention: z.boolean(), reply: z.boolean(), added: z.boolean(), absent: z.boolean() }),
);
export const ThreadMuted = event('notification.thread-muted.v1', z.object({ thread: z.string(), muted: z.boolean() }));

export type Notified = DataOf<typeof Notified>;
export type NoticeRead = DataOf<typeof NoticeRead>;
export type AllNoticesRead = DataOf<typeof AllNoticesRead>;
export type ThreadCleared = DataOf<typeof ThreadCleared>;
export type PreferencesSet = DataOf<typeof PreferencesSet>;
export type ThreadMuted = DataOf<typeof ThreadMuted>;
