import { z } from 'zod';
import { EventId } from '../ids.ts';
import { command, type DataOf } from '../message.ts';

/** On one's own `user:<id>`. A notice that is read already stays so: answered without an event. */
export const ReadNotice = command('notification.read-notice.v1', z.strictObject({ notice_id: EventId }), { creates: true });
export type ReadNotice = DataOf<typeof ReadNotice>;
