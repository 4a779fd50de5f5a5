import { z } from 'zod';
import { command, type DataOf } from '../message.ts';

/** `json` is the publication's JSON text exactly as it was admitted: numbers keep their digits, keys their order. */
export const Publish = command('channel.publish.v1', z.object({ json: z.string() }), { creates: true });
export type Publish = DataOf<typeof Publish>;
