import type { Session } from './session.ts';
import { subscriptionsOf } from './subscriptions.ts';

/** When the session must be looked at because a token of it ends, ms since 1970; 0: never. */
export function expiryOf(session: Session, graceMs: number): number {
  let at = session.identity.expiresAt ?? Number.POSITIVE_INFINITY;
  for (const { expiresAt } of subscriptionsOf(session)) if (expiresAt !== 0) at = Math.min(at, expiresAt);
  return Number.isFinite(at) ? at + graceMs : 0;
}
