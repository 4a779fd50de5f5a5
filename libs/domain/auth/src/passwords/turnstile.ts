import { VecheError } from '@veche/contracts';

/** Whoever has waited this long is not served any more: the asker has given up, and hashing for nobody would delay the rest. */
const PATIENCE_MS = 4000;

interface Waiting {
  readonly since: number;
  readonly go: (turn: Promise<void>) => void;
}

/** Lets a few in at once and a bounded number wait, first come first served. */
export class Turnstile {
  private readonly queue: Waiting[] = [];
  private inside = 0;

  constructor(
    private readonly places: number,
    private readonly room: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws VecheError `unavailable` when too many wait, or the wait was too long; `work` was not begun then */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside >= this.places) await this.turn();
    else this.inside++;
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private turn(): Promise<void> {
    if (this.queue.length >= this.room) return Promise.reject(busy());
    return new Promise((go) => this.queue.push({ since: this.now(), go }));
  }

  /** The place goes to the next in the queue: `inside` does not change. */
  private leave(): void {
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      if (this.now() - next.since <= PATIENCE_MS) return next.go(Promise.resolve());
      next.go(Promise.reject(busy()));
    }
    this.inside--;
  }
}

const busy = (): VecheError => new VecheError('unavailable', 'too many sign-ins at once; try again after a pause', [], 2000);
