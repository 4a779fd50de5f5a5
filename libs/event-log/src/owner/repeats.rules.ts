/** Commands that came before, in this batch or an earlier one; pure. */
import { type CommandReply, refusal } from '@veche/contracts';
import type { Appended } from '../types.ts';
import type { Admitted } from './admission.rules.ts';
import { done } from './outcome.ts';

/** Kind without its version: a newer door may render a repeated command in a newer version. */
export const unversioned = (kind: string): string => kind.replace(/\.v\d+$/, '');

/** A stored event with the command that made it. */
export interface StoredEvent {
  readonly command: string;
  readonly event: Appended;
}

/** `command_id` names one command for ever: using it for something else is an error of the client, answered as one. */
export function answerRepeat(kind: string, stored: StoredEvent): CommandReply {
  if (stored.command === unversioned(kind)) return done(stored.event);
  return refusal('conflict', `this command_id was used for ${stored.command} before; mint a new one for each command`);
}

/** Commands of the batch by their key, the first of each apart from those that repeat it. */
export function repeatsWithin(commands: readonly Admitted[]): {
  readonly first: readonly Admitted[];
  readonly again: readonly { readonly command: Admitted; readonly of: Admitted }[];
} {
  const seen = new Map<string, Admitted>();
  const first: Admitted[] = [];
  const again: { command: Admitted; of: Admitted }[] = [];
  for (const command of commands) {
    const key = keyOf(command);
    const of = seen.get(key);
    if (of) again.push({ command, of });
    else {
      seen.set(key, command);
      first.push(command);
    }
  }
  return { first, again };
}

/** None of the parts may hold a space, but a foreign actor might: it comes last. */
const keyOf = ({ envelope }: Admitted): string => `${envelope.channel} ${envelope.command_id} ${envelope.actor}`;
