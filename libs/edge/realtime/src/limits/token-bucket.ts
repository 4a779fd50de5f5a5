const SECOND = 1_000;

/** Lets so many a second pass, one second's worth of them at once. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /** @param perSecond 0: everybody passes */
  constructor(
    private readonly perSecond: number,
    /** Monotonic ms. */
    private readonly now: () => number,
  ) {
    this.tokens = perSecond;
    this.filledAt = now();
  }

  /** False: one too many. */
  take(): boolean {
    if (this.perSecond === 0) return true;
    this.fill();
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  /** What was taken is not used. */
  giveBack(): void {
    this.tokens = Math.min(this.perSecond, this.tokens + 1);
  }

  private fill(): void {
    const now = this.now();
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.filledAt) / SECOND) * this.perSecond);
    this.filledAt = now;
  }
}
