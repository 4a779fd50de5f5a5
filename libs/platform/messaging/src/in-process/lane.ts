/** Runs at most `width` jobs at a time; the rest wait in order, up to `depth`. */
export class Lane {
  private readonly waiting: (() => Promise<void>)[] = [];
  private active = 0;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly width: number,
    private readonly depth: number,
  ) {}

  /** False when too many wait: the job will not run. Jobs must not reject. */
  run(job: () => Promise<void>): boolean {
    if (this.active < this.width) {
      void this.perform(job);
      return true;
    }
    if (this.waiting.length >= this.depth) return false;
    this.waiting.push(job);
    return true;
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    if (this.active === 0) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  private async perform(job: () => Promise<void>): Promise<void> {
    this.active++;
    try {
      await job();
    } finally {
      this.active--;
      const next = this.waiting.shift();
      if (next) void this.perform(next);
      else if (this.active === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
    }
  }
}
