/** What happens to messages; edits, deletions and reactions name the message that they change. */
import { z } from 'zod';
import { EventId, Seq } from '../ids.ts';
import { type DataOf, event } from '../message.ts';
import { Attachment } from './send-message.command.ts';

export const MessageSent = event(
  'chat.message-sent.v1',
  z.object({
    text: z.string(),
    /** 1, 2, 3 … among the messages of the thread. */ number: Seq,
    reply_to: EventId.optional(),
    /** Who wrote the message replied to. */ reply_to_actor: z.string().optional(),
    attachments: z.array(Attachment).optional(),
  }),
);
export const MessageEdited = event('chat.message-edited.v1', z.object({ message_id: EventId, text: z.string() }));
export const MessageDeleted = event('chat.message-deleted.v1', z.object({ message_id: EventId }));
export const MessageReacted = event('chat.message-reacted.v1', z.object({ message_id: EventId, reaction: z.string(), removed: z.boolean() }));
/** On the reader's `user:<id>`: every device of theirs agrees. */
export const ThreadRead = event('chat.thread-read.v1', z.object({ thread: z.string(), seq: Seq, /** Messages numbered up to here are read. */ number: Seq }));

export type MessageSent = DataOf<typeof MessageSent>;
export type MessageEdited = DataOf<typeof MessageEdited>;
export type MessageDeleted = DataOf<typeof MessageDeleted>;
export type MessageReacted = DataOf<typeof MessageReacted>;
export type ThreadRead = DataOf<typeof ThreadRead>;
