import { Inject, Injectable } from '@nestjs/common';
import type { Position } from '@veche/event-log';
import { EVENT_LOG, type LogReader } from '../ports.ts';

interface Waiting {
  resolve(position: Position | undefined): void;
  reject(error: unknown): void;
}

/** Turns of the event loop that a batch goes on collecting while more comes in each of them. */
const MAX_TURNS = 16;

/**
 * Looks up where channels stand. One query at a time, the next collects meanwhile and for as long as each turn of the loop brings
 * more: alone a lookup waits for one turn, and ten thousand connects are a few hundred reads instead of thousands.
 */
@Injectable()
export class Positions {
  private waiting = new Map<string, Waiting[]>();
  private looking = false;

  constructor(@Inject(EVENT_LOG) private readonly log: LogReader) {}

  /** `undefined`: the channel has no log. */
  of(channel: string): Promise<Position | undefined> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(channel);
      if (others) others.push({ resolve, reject });
      else this.waiting.set(channel, [{ resolve, reject }]);
      if (this.looking) return;
      this.looking = true;
      void this.work();
    });
  }

  /** Those of the known positions that are no longer true. */
  changed(known: readonly Position[]): Promise<readonly Position[]> {
    return this.log.positions(known);
  }

  private async work(): Promise<void> {
    while (this.waiting.size > 0) {
      await this.gather();
      const batch = this.waiting;
      this.waiting = new Map();
      await this.look(batch);
    }
    this.looking = false;
  }

  private async gather(): Promise<void> {
    for (let turn = 0, before = -1; turn < MAX_TURNS && this.waiting.size > before; turn++) {
      before = this.waiting.size;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  private async look(batch: Map<string, Waiting[]>): Promise<void> {
    try {
      // Position -1 is nobody's: every channel that exists is reported as changed.
      const found = await this.log.positions([...batch.keys()].map((channel) => ({ channel, epoch: '', seq: -1 })));
      const byName = new Map(found.map((position) => [position.channel, position]));
      for (const [channel, waiting] of batch) for (const one of waiting) one.resolve(byName.get(channel));
    } catch (error) {
      for (const waiting of batch.values()) for (const one of waiting) one.reject(error);
    }
  }
}
