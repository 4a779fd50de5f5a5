import { z } from 'zod';
import { ThreadChannelName } from '../channels.ts';
import { Seq } from '../ids.ts';
import { command, type DataOf } from '../message.ts';

/** On the reader's `user:<id>`: all events of the thread up to `seq` were read. Never moves backwards. */
export const MarkRead = command('chat.mark-read.v1', z.strictObject({ thread: ThreadChannelName, seq: Seq }), { creates: true });
export type MarkRead = DataOf<typeof MarkRead>;
