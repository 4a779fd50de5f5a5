import { z } from 'zod';
import { ThreadChannelName } from '../channels.ts';
import { command, type DataOf } from '../message.ts';

/** On one's own `user:<id>`: a muted thread gives no notice of any kind. */
export const MuteThread = command('notification.mute-thread.v1', z.strictObject({ thread: ThreadChannelName, muted: z.boolean().default(true) }), {
  creates: true,
});
export type MuteThread = DataOf<typeof MuteThread>;
