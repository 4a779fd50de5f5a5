import { z } from 'zod';
import { ThreadChannelName } from '../channels.ts';
import { Seq } from '../ids.ts';
import { command, type DataOf } from '../message.ts';

/** On the reader's `user:<id>`, from NOTIFIER alone: the thread was read up to `thread_seq`, hence all notices about that part of it. */
export const ClearThread = command('notification.clear-thread.v1', z.strictObject({ thread: ThreadChannelName, thread_seq: Seq }), { creates: true });
export type ClearThread = DataOf<typeof ClearThread>;
