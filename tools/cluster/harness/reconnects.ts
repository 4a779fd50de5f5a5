import type { Centrifuge } from 'centrifuge';

const WINDOW_MS = 1000;

/** When clients came back after they had been connected: what a drain must spread, and what the other pods must bear. */
export class Reconnects {
  private times: number[] = [];
  /** By close code: 3001 is a pod that says farewell, 1 a transport that broke. */
  private codes = new Map<number, number>();
  private ended = false;

  watch(client: Centrifuge): void {
    client.on('connected', () => this.ended || this.times.push(performance.now()));
    client.on('connecting', ({ code }) => this.ended || this.codes.set(code, (this.codes.get(code) ?? 0) + 1));
  }

  /** What came before does not count any more. */
  reset(): void {
    this.times = [];
    this.codes = new Map();
  }

  end(): void {
    this.ended = true;
  }

  /** For a person: how many, how dense, and why. */
  get summary(): string {
    const reasons = [...this.codes].map(([code, count]) => `${count} with code ${code}`).join(', ');
    return `${this.times.length} reconnects (${reasons}), at most ${this.peakPerSecond} in a second`;
  }

  /** Most of them within any one second. */
  get peakPerSecond(): number {
    return this.times.reduce((peak, from) => Math.max(peak, this.times.filter((time) => time >= from && time < from + WINDOW_MS).length), 0);
  }
}
