/** Whether a service has more questions waiting than it can answer in time, and how many to refuse. Pure: depth and time are given. */

/** Asking the broker for the depth is a round trip: not for every question, yet often enough that a burst is seen before its deadline. */
const LOOK_MS = 100;
/** What was seen so long ago is no reason to refuse anybody. */
const STALE_MS = 1000;
/** Refused after one look: the other processes of the service have seen the same depth, and must not empty the queue together. */
const STEP = 32;

export class Overload {
  private lookedAt = -Infinity;
  private shedding = false;
  private toShed = 0;

  /** @param backlog questions that may wait (RPC_BACKLOG) */
  constructor(private readonly backlog: number) {}

  /** Whether to look at the queue before the next question: @param busy as many are under way here as may be, so that others can be waiting */
  isDue(busy: boolean, now: number): boolean {
    const age = now - this.lookedAt;
    if (age >= STALE_MS) this.forget();
    if (this.toShed > 0) return false;
    if (!this.shedding && !(busy && age >= LOOK_MS)) return false;
    // True once for each look: questions that come while it is under way do not look too.
    this.lookedAt = now;
    this.forget();
    return true;
  }

  /** Goes on to half the bound, or it would begin and end with every question. */
  saw(depth: number): void {
    this.shedding = depth > this.backlog;
    this.toShed = this.shedding ? Math.min(STEP, depth - Math.floor(this.backlog / 2)) : 0;
  }

  /** Whether to refuse this question; each call is one question. */
  sheds(): boolean {
    if (this.toShed === 0) return false;
    this.toShed--;
    return true;
  }

  private forget(): void {
    this.shedding = false;
    this.toShed = 0;
  }
}
