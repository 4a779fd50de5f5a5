/** Who may do what to messages. */
import type { Role } from '@veche/contracts';
import { NOT_PERMITTED, type Refused, refused, type Ruling } from '../decision.ts';

/** A message as its rules see it. Handlers write into it what earlier commands of the same batch have changed. */
export interface MessageState {
  readonly actor: string;
  text: string;
  deleted: boolean;
  /** Of each user that the batch is about. */
  readonly reactions: Map<string, Set<string>>;
}

const READS_ONLY = refused('permission_denied', 'readers of a thread may not write');
const NO_SUCH_MESSAGE = refused('not_found', 'no such message in this thread');
const DELETED = refused('conflict', 'the message was deleted');

/** Every change of a thread's messages asks this first. */
export function mayWrite(role: Role | undefined): Refused | undefined {
  if (!role) return NOT_PERMITTED;
  return role === 'reader' ? READS_ONLY : undefined;
}

export function maySend(role: Role | undefined, replyFound: boolean): Refused | undefined {
  return mayWrite(role) ?? (replyFound ? undefined : refused('not_found', 'the message replied to is not in this thread'));
}

/** Only what one wrote oneself, whatever the role. */
export function mayEdit(role: Role | undefined, message: MessageState | undefined, actor: string, text: string): Ruling {
  const refusal = mayWrite(role);
  if (refusal) return refusal;
  if (!message) return NO_SUCH_MESSAGE;
  if (message.actor !== actor) return refused('permission_denied', 'only the author may edit a message');
  if (message.deleted) return DELETED;
  return message.text === text ? 'unchanged' : undefined;
}

/** One's own, or anybody's as an owner or admin. */
export function mayDelete(role: Role | undefined, message: MessageState | undefined, actor: string): Ruling {
  const refusal = mayWrite(role);
  if (refusal) return refusal;
  if (!message) return NO_SUCH_MESSAGE;
  if (message.actor !== actor && role === 'member') return refused('permission_denied', 'only the author, an admin or an owner may delete a message');
  return message.deleted ? 'unchanged' : undefined;
}

export interface Reaction {
  readonly reaction: string;
  readonly remove: boolean;
}

export function mayReact(role: Role | undefined, message: MessageState | undefined, actor: string, { reaction, remove }: Reaction, max: number): Ruling {
  const refusal = mayWrite(role);
  if (refusal) return refusal;
  if (!message) return NO_SUCH_MESSAGE;
  if (message.deleted) return DELETED;
  const own = message.reactions.get(actor);
  const present = own?.has(reaction) ?? false;
  if (present !== remove) return 'unchanged';
  return !remove && (own?.size ?? 0) >= max ? refused('limit_exceeded', `one member may give a message ${max} different reactions`) : undefined;
}

/** What a permitted reaction does to the state that the next command of the batch meets. */
export function reacted(message: MessageState, actor: string, { reaction, remove }: Reaction): void {
  const own = message.reactions.get(actor) ?? new Set();
  message.reactions.set(actor, own);
  if (remove) own.delete(reaction);
  else own.add(reaction);
}
