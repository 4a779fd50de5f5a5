/** Carries out the timeline against a constellation, and leaves it healed. */
import type { Constellation, HistoryRecorder, Random } from '@veche/testing';
import type { Planned } from './timeline.ts';

export interface Struck {
  readonly at: number;
  readonly until: number;
  readonly fault: string;
  readonly what: string;
}

export class Nemesis {
  readonly struck: Struck[] = [];

  constructor(
    private readonly target: Constellation,
    private readonly random: Random,
    private readonly history: HistoryRecorder,
    private readonly say: (line: string) => void,
  ) {}

  /** One fault after another; resolves after the last was healed. */
  async carryOut(timeline: readonly Planned[]): Promise<void> {
    const began = performance.now();
    for (const planned of timeline) {
      await until(began + planned.at);
      await this.strike(planned, began);
    }
  }

  /** Everything runs again, whatever a fault left behind. */
  async heal(): Promise<void> {
    for (const one of [...this.target.backends, ...this.target.apps]) {
      one.thaw();
      if (!one.running) await one.start();
    }
  }

  private async strike({ fault, lastsMs }: Planned, began: number): Promise<void> {
    const at = performance.now() - began;
    const strike = await fault.strike(this.target, this.random);
    const { what } = strike;
    this.say(`${seconds(at)} ${what}${lastsMs > 0 ? `, for ${seconds(lastsMs)}` : ''}`);
    this.history.add({ f: 'nemesis', process: 'nemesis', what });
    await until(performance.now() + lastsMs);
    await strike.heal();
    this.history.add({ f: 'nemesis', process: 'nemesis', what: `healed: ${what}` });
    this.struck.push({ at, until: performance.now() - began, fault: fault.name, what });
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const until = (moment: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - performance.now())));
