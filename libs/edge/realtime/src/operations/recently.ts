/** Keys remembered; past it the oldest go, which lets a signal through too early and nothing worse. */
const MAX_KEYS = 50_000;

/** Says whether something happens for the first time within an interval. Holds no timer: keys go as new ones come. */
export class Recently {
  private readonly seen = new Map<string, number>();

  /** @param intervalMs milliseconds */
  constructor(
    private readonly intervalMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  first(key: string): boolean {
    const now = this.now();
    const last = this.seen.get(key);
    if (last !== undefined && now - last < this.intervalMs) return false;
    // Deleted first so that the map stays in the order of time and forgetting stops at the first fresh key.
    this.seen.delete(key);
    this.seen.set(key, now);
    this.forget(now);
    return true;
  }

  get size(): number {
    return this.seen.size;
  }

  private forget(now: number): void {
    for (const [key, at] of this.seen) {
      if (now - at < this.intervalMs && this.seen.size <= MAX_KEYS) return;
      this.seen.delete(key);
    }
  }
}
