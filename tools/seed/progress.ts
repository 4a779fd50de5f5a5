/** One line that moves: how far, how fast, how long still. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR = 24;
const MOVES_MS = 200;
/** Where there is no terminal, lines stay: fewer of them. */
const LINES_MS = 5000;

export class Progress {
  readonly #what: string;
  readonly #total: number;
  readonly #screen: Screen;
  readonly #began = performance.now();
  #done = 0;
  /** Found there already: they say nothing about the speed. */
  #found = 0;
  #shownAt = performance.now();

  constructor(what: string, total: number, screen: Screen = process.stderr) {
    this.#what = what;
    this.#total = total;
    this.#screen = screen;
  }

  add(count: number, found = false): void {
    this.#done += count;
    if (found) this.#found += count;
    if (performance.now() - this.#shownAt < (this.#screen.isTTY ? MOVES_MS : LINES_MS)) return;
    this.#shownAt = performance.now();
    this.#show(this.#screen.isTTY ? '' : '\n');
  }

  end(): void {
    this.#show('\n');
  }

  #show(end: string): void {
    const line = this.line((performance.now() - this.#began) / 1000);
    this.#screen.write(this.#screen.isTTY ? `\r${line.slice(0, (this.#screen.columns ?? 80) - 1)}\u001b[K${end}` : `${line}\n`);
  }

  line(seconds: number): string {
    const share = this.#total === 0 ? 1 : this.#done / this.#total;
    const rate = (this.#done - this.#found) / Math.max(seconds, 0.001);
    const filled = Math.round(share * BAR);
    const rest = this.#done < this.#total && rate > 0 ? `, ${clock((this.#total - this.#done) / rate)} left` : `, took ${clock(seconds)}`;
    return `${this.#what} [${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${Math.floor(share * 100)} % ${this.#done}/${this.#total}, ${Math.round(rate)}/s${rest}`;
  }
}

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
