/**
 * What the clocks of senders are worth here. Wall clocks of two machines may be minutes apart, so a deadline means nothing until it is known how far:
 * the quickest message of a sender tells, give or take the time it took. What took longer has waited, and only that counts as its age.
 */

/** Clocks drift: what was the quickest so long ago is forgotten, after two of these at the latest. */
const TURN_MS = 600_000;
/** Processes that are told apart; the longest known goes first. It is then taken for new. */
const MOST = 1000;

interface Known {
  readonly since: number;
  /** Least difference in this turn, and in the one before. */
  readonly least: number;
  readonly before: number;
}

export class SenderClocks {
  private readonly senders = new Map<string, Known>();

  /**
   * @param now of our clock, on arrival
   * @returns what to add to a time of that sender's to have it by ours. The first message of a sender counts as fresh, however long it has waited: to
   * drop what is still awaited would shut its sender out for as long as the clocks differ, and what comes late is harmless
   */
  offset(sender: string, sentAt: number, now: number): number {
    const difference = now - sentAt;
    const known = this.known(sender, now);
    const least = Math.min(known?.least ?? difference, difference);
    const before = known?.before ?? Number.POSITIVE_INFINITY;
    this.senders.set(sender, { since: known?.since ?? now, least, before });
    if (this.senders.size > MOST) this.senders.delete(this.senders.keys().next().value!);
    return Math.min(least, before);
  }

  private known(sender: string, now: number): Known | undefined {
    const known = this.senders.get(sender);
    if (!known || now - known.since < TURN_MS) return known;
    return { since: now, least: Number.POSITIVE_INFINITY, before: known.least };
  }
}
