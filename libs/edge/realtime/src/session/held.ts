import { DISCONNECTS } from '@veche/contracts';
import type { Session } from './session.ts';

/** What a client may say before it is known who it is: it connects, subscribes and sends in one go. */
const MAX_MESSAGES = 1_024;
const MAX_CHARACTERS = 262_144;

/** Keeps a message until the session is live; too much of it ends the session. */
export function hold(session: Session, text: string): void {
  const held = (session.held ??= []);
  held.push(text);
  // Counted before it is added up: the sum over many tiny messages would cost more than they do.
  if (held.length > MAX_MESSAGES || held.reduce((sum, { length }) => sum + length, 0) > MAX_CHARACTERS) session.close(DISCONNECTS.too_many_requests);
}
