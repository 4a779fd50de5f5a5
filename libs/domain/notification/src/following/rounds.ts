import { Injectable } from '@nestjs/common';
import { Gates } from './gates.ts';
import type { Hint, Reach } from './hints.ts';
import { isOutage } from './poison.rules.ts';
import { Round } from './round.ts';

/** Rounds that one log cannot spoil for the others. */
@Injectable()
export class Rounds {
  constructor(
    private readonly round: Round,
    private readonly gates: Gates,
  ) {}

  /** A round that one of its logs spoils is run again log by log, so that the others go on. @throws while nothing can be followed at all */
  async run(taken: readonly Hint[]): Promise<readonly Reach[]> {
    try {
      return await this.round.run(taken);
    } catch (error) {
      if (isOutage(error)) throw error;
      const behind: Reach[] = [];
      for (const hint of taken) behind.push(...(await this.alone(hint)));
      return behind;
    }
  }

  private async alone(hint: Hint): Promise<readonly Reach[]> {
    try {
      return await this.round.run([hint]);
    } catch (error) {
      if (isOutage(error)) throw error;
      await this.gates.failed(hint.channel, error);
      return [{ channel: hint.channel, seq: hint.head }];
    }
  }
}
