import { z } from 'zod';
import { command, type DataOf } from '../message.ts';

export const RenameThread = command('chat.rename-thread.v1', z.strictObject({ title: z.string().trim().min(1).max(200) }));
export type RenameThread = DataOf<typeof RenameThread>;
