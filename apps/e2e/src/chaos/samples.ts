/** Memory and file descriptors of every process while the run lasts (S15): what grows without a bound shows here. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Constellation, Sample } from '@veche/testing';

const EVERY_MS = 2_000;
/** Of one app process under this load; idle ones have some 150. */
const RSS_MB = 512;
const DESCRIPTORS = 1_000;

export class Sampling {
  readonly samples: Sample[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly target: Constellation) {
    this.timer = setInterval(() => this.take(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private take(): void {
    for (const one of this.target.apps) {
      if (!one.running) continue;
      const { pid, name } = one;
      this.note(name, 'rss_mb', RSS_MB, () => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB$/m)?.[1]) / 1024);
      this.note(name, 'descriptors', DESCRIPTORS, () => readdirSync(`/proc/${pid}/fd`).length);
    }
  }

  private note(process: string, name: string, limit: number, read: () => number): void {
    try {
      const value = read();
      // A process that ends has no memory for a moment.
      if (!Number.isNaN(value)) this.samples.push({ process, name, value, limit });
    } catch {
      // Killed between two lines; the next life is sampled again.
    }
  }
}
