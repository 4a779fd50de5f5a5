import { z } from 'zod';
import { EventId } from '../ids.ts';
import { command, type DataOf } from '../message.ts';
import { plainText } from './text.ts';

export const React = command('chat.react.v1', z.strictObject({ message_id: EventId, reaction: plainText(32), remove: z.boolean().default(false) }));
export type React = DataOf<typeof React>;
