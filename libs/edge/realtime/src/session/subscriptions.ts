/** The list of a session's subscriptions: linked through the subscriptions themselves, because most sessions have one or two. */
import type { Subscription } from '../hub/subscription.ts';
import type { Session } from './session.ts';

export function find(session: Session, channel: string): Subscription | undefined {
  for (let at = session.subscriptions; at !== null; at = at.next) if (at.channel === channel) return at;
  return undefined;
}

export function link(session: Session, subscription: Subscription): void {
  subscription.next = session.subscriptions;
  session.subscriptions = subscription;
  session.subscriptionCount++;
}

export function unlink(session: Session, subscription: Subscription): void {
  if (session.subscriptions === subscription) session.subscriptions = subscription.next;
  else {
    let at = session.subscriptions;
    while (at !== null && at.next !== subscription) at = at.next;
    if (at === null) return;
    at.next = subscription.next;
  }
  subscription.next = null;
  session.subscriptionCount--;
}

export function* subscriptionsOf(session: Session): Iterable<Subscription> {
  for (let at = session.subscriptions; at !== null;) {
    const { next } = at;
    yield at;
    at = next;
  }
}

/** Subscribed, not merely on the way to it. */
export function isSubscribed(session: Session, channel: string): boolean {
  const subscription = find(session, channel);
  return subscription !== undefined && subscription.phase !== 'waiting';
}
