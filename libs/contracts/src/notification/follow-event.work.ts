import { z } from 'zod';
import { ChannelName } from '../channels.ts';
import { Seq } from '../ids.ts';
import { type DataOf, work } from '../message.ts';

/** One event that could not be followed and was passed over, so that those behind it could be: who should learn of it is tried again by the ladder. */
export const FollowEvent = work('notification.follow-event.v1', z.object({ channel: ChannelName, seq: Seq }), 'normal');
export type FollowEvent = DataOf<typeof FollowEvent>;
