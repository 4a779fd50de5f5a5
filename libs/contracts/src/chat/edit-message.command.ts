import { z } from 'zod';
import { EventId } from '../ids.ts';
import { command, type DataOf } from '../message.ts';
import { MessageBody } from './send-message.command.ts';

export const EditMessage = command('chat.edit-message.v1', z.strictObject({ message_id: EventId, text: MessageBody.shape.text }));
export type EditMessage = DataOf<typeof EditMessage>;
