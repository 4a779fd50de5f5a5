import { z } from 'zod';
import { UserId } from '../ids.ts';
import { command, type DataOf } from '../message.ts';
import { Role } from './roles.ts';

export const AddMember = command('chat.add-member.v1', z.strictObject({ user: UserId, role: Role.exclude(['owner']).default('member') }));
export type AddMember = DataOf<typeof AddMember>;
