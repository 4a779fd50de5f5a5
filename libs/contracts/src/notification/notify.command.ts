import { z } from 'zod';
import { ThreadChannelName } from '../channels.ts';
import { EventId, Seq } from '../ids.ts';
import { command, type DataOf } from '../message.ts';
import { NoticeKind } from './notices.ts';

/** Who gives notices. Outside the grammar of user ids: nobody can sign in under this name. */
export const NOTIFIER = '*notification';

/** On the recipient's `user:<id>`, from NOTIFIER alone: they should learn of an event of the thread. */
export const Notify = command(
  'notification.notify.v1',
  z.strictObject({ kind: NoticeKind, thread: ThreadChannelName, thread_seq: Seq, message_id: EventId.optional(), by: z.string().max(256) }),
  { creates: true },
);
export type Notify = DataOf<typeof Notify>;
