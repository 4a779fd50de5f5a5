/** Spares a service that is overloaded or gone, and its askers the wait: one breaker a service in every asking process. Pure: time is given. */

/** Outcomes that are remembered; old ones leave by new ones, not by age, so that a quiet service is not judged by nothing. */
const REMEMBERED = 20;
/** Fewer say nothing. */
const ENOUGH = 5;
/** Before the first probe, doubled for each one that fails: a service that was killed is back within 5 s and found 3.2 s later at worst. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3200;

/** Leave to ask; must be reported exactly once, or the probe it may be never ends. */
export interface Leave {
  readonly probe: boolean;
  readonly since: number;
}

/** `ok`: the service answered, be it a refusal. `failed`: silent, overloaded, gone. `void`: nobody waited for the answer any more. */
export type Report = 'ok' | 'failed' | 'void';

export type BreakerState = 'closed' | 'open' | 'half-open';

export class Breaker {
  private failures: boolean[] = [];
  private opened: { readonly until: number; readonly pauseMs: number; probing: boolean } | undefined;
  /** Counts changes of state: what was asked before one says nothing about the service after it. */
  private turn = 0;

  state(now: number): BreakerState {
    if (!this.opened) return 'closed';
    return this.opened.probing || now >= this.opened.until ? 'half-open' : 'open';
  }

  /** Undefined: fail at once, without asking. While half open a single probe is let through. */
  enter(now: number): Leave | undefined {
    if (!this.opened) return { probe: false, since: this.turn };
    if (this.opened.probing || now < this.opened.until) return undefined;
    this.opened.probing = true;
    return { probe: true, since: this.turn };
  }

  /** Milliseconds until asking is worth a try. */
  retryAfter(now: number): number {
    return Math.max(0, (this.opened?.until ?? 0) - now);
  }

  report({ probe, since }: Leave, outcome: Report, now: number): void {
    if (since !== this.turn) return;
    if (probe && this.opened) this.probed(this.opened, outcome, now);
    else if (outcome !== 'void') this.remember(outcome === 'failed', now);
  }

  private probed(opened: { probing: boolean; readonly pauseMs: number }, outcome: Report, now: number): void {
    if (outcome === 'void') opened.probing = false;
    else if (outcome === 'failed') this.open(Math.min(opened.pauseMs * 2, LONGEST_PAUSE_MS), now);
    else this.close();
  }

  private remember(failed: boolean, now: number): void {
    this.failures.push(failed);
    if (this.failures.length > REMEMBERED) this.failures.shift();
    const failures = this.failures.filter(Boolean).length;
    // A good answer never opens, though it be the one that makes them enough.
    if (failed && this.failures.length >= ENOUGH && failures * 2 > this.failures.length) this.open(FIRST_PAUSE_MS, now);
  }

  private open(pauseMs: number, now: number): void {
    this.turn++;
    this.failures = [];
    this.opened = { until: now + pauseMs, pauseMs, probing: false };
  }

  private close(): void {
    this.turn++;
    this.opened = undefined;
  }
}
