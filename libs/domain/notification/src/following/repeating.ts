/** Does something again and again, one run at a time; a run that fails is told and the next comes in its time. */
export class Repeating {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private wanted = false;
  private stopped = true;

  constructor(
    private readonly act: () => Promise<unknown>,
    private readonly failed: (error: unknown) => void,
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.stopped = false;
    this.soon();
  }

  /** Runs now, or once more when the present run has ended. */
  soon(): void {
    if (this.stopped) return;
    if (this.running) this.wanted = true;
    else this.run();
  }

  /** Returns when the present run has ended; tolerates never started and twice. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private run(): void {
    clearTimeout(this.timer);
    this.running = this.act()
      .then(() => undefined, this.failed)
      .finally(() => {
        this.running = undefined;
        if (this.stopped) return;
        if (this.wanted) {
          this.wanted = false;
          this.run();
        } else this.timer = setTimeout(() => this.run(), this.everyMs).unref();
      });
  }
}
