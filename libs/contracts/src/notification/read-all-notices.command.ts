import { z } from 'zod';
import { Seq } from '../ids.ts';
import { command, type DataOf } from '../message.ts';

/** On one's own `user:<id>`: every notice up to the inbox's `through`, absent: every notice there is. Give the `seq` of the newest one shown. */
export const ReadAllNotices = command('notification.read-all-notices.v1', z.strictObject({ through: Seq.optional() }), { creates: true });
export type ReadAllNotices = DataOf<typeof ReadAllNotices>;
