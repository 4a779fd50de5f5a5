import { z } from 'zod';
import { command, type DataOf } from '../message.ts';

/** On one's own `user:<id>`: which kinds of notice to have; kinds that are not named stay as they are. */
export const SetPreferences = command(
  'notification.set-preferences.v1',
  z.strictObject({ mention: z.boolean().optional(), reply: z.boolean().optional(), added: z.boolean().optional(), absent: z.boolean().optional() }),
  { creates: true },
);
export type SetPreferences = DataOf<typeof SetPreferences>;
