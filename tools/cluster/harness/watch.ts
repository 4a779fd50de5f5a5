const INTERVAL_MS = 500;

/** The least that was counted, while something else went on. */
export class Watch {
  private least = Infinity;
  private stopped = false;
  private readonly done: Promise<void>;

  private constructor(private readonly count: () => Promise<number>) {
    this.done = this.look();
  }

  static start(count: () => Promise<number>): Watch {
    return new Watch(count);
  }

  /** @returns the least; rejects when it could not be counted */
  async end(): Promise<number> {
    this.stopped = true;
    await this.done;
    return this.least;
  }

  private async look(): Promise<void> {
    while (!this.stopped) {
      this.least = Math.min(this.least, await this.count());
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    }
  }
}
