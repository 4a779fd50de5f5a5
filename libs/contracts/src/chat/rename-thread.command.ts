import { z } from 'zod';
import { command, type DataOf } from '../message.ts';
import { Title } from './text.ts';

export const RenameThread = command('chat.rename-thread.v1', z.strictObject({ title: Title }));
export type RenameThread = DataOf<typeof RenameThread>;
