/** Whether a service has more questions waiting than it can answer in time. Pure: depth and time are given. */

/** Asking the broker for the depth is a round trip: not for every question, yet often enough that a burst is seen before its deadline. */
const LOOK_MS = 100;
/** An old look says nothing. */
const STALE_MS = 1000;

export class Overload {
  private shedding = false;
  private lookedAt = -Infinity;

  /** @param backlog questions that may wait (RPC_BACKLOG) */
  constructor(private readonly backlog: number) {}

  /** Whether to refuse a question that has just come. */
  sheds(now: number): boolean {
    return this.shedding && now - this.lookedAt < STALE_MS;
  }

  /** Whether to look at the queue again; true once for each look. */
  dueAt(now: number): boolean {
    if (now - this.lookedAt < LOOK_MS) return false;
    this.lookedAt = now;
    return true;
  }

  /** Goes on to half the bound, or it would begin and end with every question. */
  saw(depth: number, now: number): void {
    this.lookedAt = now;
    this.shedding = depth > (this.shedding ? this.backlog / 2 : this.backlog);
  }
}
