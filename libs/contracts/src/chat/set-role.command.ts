import { z } from 'zod';
import { UserId } from '../ids.ts';
import { command, type DataOf } from '../message.ts';
import { Role } from './roles.ts';

export const SetRole = command('chat.set-role.v1', z.strictObject({ user: UserId, role: Role }));
export type SetRole = DataOf<typeof SetRole>;
