import { z } from 'zod';
import { ThreadChannelName } from '../channels.ts';
import { EventId, Seq, UserId } from '../ids.ts';
import { type DataOf, work } from '../message.ts';
import { NoticeKind } from './notices.ts';

/** Brings one notice (or, as `clear`, the news that a thread was read) to one inbox: what the owner refused at first is tried again by the ladder. */
export const DeliverNotice = work(
  'notification.deliver-notice.v1',
  z.object({
    user: UserId,
    what: z.enum([...NoticeKind.options, 'clear']),
    thread: ThreadChannelName,
    thread_seq: Seq,
    message_id: EventId.nullable(),
    by: z.string(),
  }),
  'normal',
);
export type DeliverNotice = DataOf<typeof DeliverNotice>;
