import { z } from 'zod';
import { EventId } from '../ids.ts';
import { command, type DataOf } from '../message.ts';

/** Leaves a tombstone; the log is never rewritten. */
export const DeleteMessage = command('chat.delete-message.v1', z.strictObject({ message_id: EventId }));
export type DeleteMessage = DataOf<typeof DeleteMessage>;
