import { z } from 'zod';
import { Subject } from '../grants.ts';
import { command, type DataOf } from '../message.ts';

/**
 * `json` is the publication's JSON text exactly as it was admitted: numbers keep their digits, keys their order.
 * `caps` and `subscribed` are what only the edge knows of the session; the owner decides with them again, finally.
 */
export const Publish = command('channel.publish.v1', z.object({ json: z.string(), caps: Subject.shape.caps, subscribed: z.boolean().default(false) }), {
  creates: true,
});
export type Publish = DataOf<typeof Publish>;
