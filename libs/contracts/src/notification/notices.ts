/** What a notice is: one thing that one person should learn, about one event of a thread. */
import { z } from 'zod';

/** In falling order of weight: one event gives one person at most one notice, the first of these that they want. */
export const NOTICE_KINDS = ['mention', 'reply', 'added', 'absent'] as const;
export const NoticeKind = z.enum(NOTICE_KINDS);
export type NoticeKind = z.infer<typeof NoticeKind>;

export interface Notice {
  /** Of the event on the inbox; what `notification.read` names. */
  readonly id: string;
  /** Its place in the inbox `user:<id>`. */
  readonly seq: number;
  readonly kind: NoticeKind;
  /** Channel name of the thread. */
  readonly thread: string;
  /** Of the thread's event that it is about. */
  readonly thread_seq: number;
  /** Of the message that it is about; a notice of being added has none. Its text is the thread's to show: a message may have been edited or deleted since. */
  readonly message_id?: string;
  /** Who wrote, or who added. */
  readonly by: string;
  readonly ts: number;
  readonly read: boolean;
}

/** Which kinds a person wants; all, unless they said otherwise. */
export type NoticeKinds = Readonly<Record<NoticeKind, boolean>>;
