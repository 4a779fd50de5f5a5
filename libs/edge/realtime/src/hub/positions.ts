import { Inject, Injectable } from '@nestjs/common';
import type { Position } from '@veche/event-log';
import { EVENT_LOG, type LogReader } from '../ports.ts';

interface Waiting {
  resolve(position: Position | undefined): void;
  reject(error: unknown): void;
}

/** Looks up where channels stand: all that are asked for within one loop turn in one query, so ten thousand connects are a few reads. */
@Injectable()
export class Positions {
  private batch: Map<string, Waiting[]> | undefined;

  constructor(@Inject(EVENT_LOG) private readonly log: LogReader) {}

  /** `undefined`: the channel has no log. */
  of(channel: string): Promise<Position | undefined> {
    return new Promise((resolve, reject) => {
      const batch = (this.batch ??= this.start());
      const waiting = batch.get(channel);
      if (waiting) waiting.push({ resolve, reject });
      else batch.set(channel, [{ resolve, reject }]);
    });
  }

  /** Those of the known positions that are no longer true. */
  changed(known: readonly Position[]): Promise<readonly Position[]> {
    return this.log.positions(known);
  }

  private start(): Map<string, Waiting[]> {
    const batch = new Map<string, Waiting[]>();
    setImmediate(() => {
      this.batch = undefined;
      void this.look(batch);
    });
    return batch;
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
