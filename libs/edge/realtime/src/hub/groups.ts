import type { Subscription } from './subscription.ts';

/** Number of combinations of language and framing, each of which has its own bytes. */
export const VARIANTS = 6;

/**
 * Live subscriptions of a channel by variant. Most channels of a large installation (inboxes) have exactly one subscriber,
 * so one costs a field and no array. Leaving swaps with the last: O(1), order within a group means nothing.
 */
export class Groups {
  private only: Subscription | null = null;
  private lists: (Subscription[] | undefined)[] | null = null;
  size = 0;

  add(subscription: Subscription): void {
    this.size++;
    if (this.lists) this.push(subscription);
    else if (this.only === null) {
      this.only = subscription;
      subscription.index = 0;
    } else {
      this.lists = [];
      this.push(this.only);
      this.push(subscription);
      this.only = null;
    }
  }

  remove(subscription: Subscription): void {
    if (subscription.index < 0) return;
    this.size--;
    if (this.only === subscription) this.only = null;
    else this.drop(this.lists![subscription.session.variant]!, subscription);
    subscription.index = -1;
  }

  /** Of one variant. To be walked from the end: whoever is closed on the way is replaced by one that was already visited. */
  of(variant: number): readonly Subscription[] | undefined {
    if (this.lists) return this.lists[variant];
    return this.only?.session.variant === variant ? [this.only] : undefined;
  }

  *all(): Iterable<Subscription> {
    if (this.only) yield this.only;
    for (const list of this.lists ?? []) if (list) yield* list;
  }

  private push(subscription: Subscription): void {
    const list = (this.lists![subscription.session.variant] ??= []);
    subscription.index = list.push(subscription) - 1;
  }

  private drop(list: Subscription[], subscription: Subscription): void {
    const last = list.pop()!;
    if (last === subscription) return;
    list[subscription.index] = last;
    last.index = subscription.index;
  }
}
