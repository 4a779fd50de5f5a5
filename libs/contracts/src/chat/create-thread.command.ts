import { z } from 'zod';
import { UserId } from '../ids.ts';
import { command, type DataOf } from '../message.ts';
import { Title } from './text.ts';

/** The actor becomes the owner; members are user ids (the door has resolved logins). */
export const CreateThread = command('chat.create-thread.v1', z.strictObject({ title: Title, members: z.array(UserId).max(1000).default([]) }), {
  creates: true,
});
export type CreateThread = DataOf<typeof CreateThread>;
