import { z } from 'zod';
import { UserId } from '../ids.ts';
import { command, type DataOf } from '../message.ts';

/** Of oneself: leaving. */
export const RemoveMember = command('chat.remove-member.v1', z.strictObject({ user: UserId }));
export type RemoveMember = DataOf<typeof RemoveMember>;
