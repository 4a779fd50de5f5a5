import { z } from 'zod';
import { EventId } from '../ids.ts';
import { command, type DataOf } from '../message.ts';
import { plainText } from './text.ts';

/** Reference to a file kept elsewhere: the log holds what describes it, never its bytes. */
export const Attachment = z.record(z.string().max(64), z.json());

export const MessageBody = z.strictObject({
  text: plainText(65_536),
  reply_to: EventId.optional(),
  attachments: z.array(Attachment).max(16).optional(),
});

export const SendMessage = command('chat.send-message.v1', MessageBody);
export type SendMessage = DataOf<typeof SendMessage>;
