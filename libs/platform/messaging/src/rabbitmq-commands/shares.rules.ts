/** Who should take which command queue: the same answer in every owner that knows the same owners. */

export interface OwnerView {
  readonly process: string;
  /** Counts how often it began to consume: with a new one it stands behind the others of each queue. */
  readonly incarnation: number;
}

/** Spread by turns, so that shares differ by one at most. */
export function ownerOf(queue: number, owners: readonly OwnerView[]): OwnerView | undefined {
  const inOrder = [...owners].sort((a, b) => (a.process < b.process ? -1 : 1));
  return inOrder[queue % inOrder.length];
}

export const keyOf = ({ process, incarnation }: OwnerView): string => `${process}#${incarnation}`;

/**
 * Whether to cancel and consume again, behind the others: only of a queue that is another's, and once for each time that he came. When everybody
 * who stood before him has stepped behind, the broker gives him the queue. Those who did not know of him at that moment may have stepped behind
 * him since: whoever is given what is another's does it again.
 * @param steppedFor whom it was left to last
 */
export function stepsBehind(me: string, owner: OwnerView | undefined, steppedFor: string | undefined): boolean {
  return owner !== undefined && owner.process !== me && keyOf(owner) !== steppedFor;
}
