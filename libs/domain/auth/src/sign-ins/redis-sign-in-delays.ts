import { VecheError } from '@veche/contracts';
import type { RedisClient } from '@veche/platform-redis';
import { ACCOUNT_DELAY, ADDRESS_DELAY, type DelayRule, FORGET_MS, networkOf, type Outcome, type SignInDelays } from './sign-in-delays.ts';
import { ADMIT, SETTLE } from './sign-in-delays.scripts.ts';

/** Long enough for Redis to come back, short for a person. */
const CLOSED_MS = 2_000;

export interface WithoutRedis {
  /** The delays of this process alone. */
  readonly memory: SignInDelays;
  /** Nobody signs in while failures cannot be counted for all processes: a guesser would have as many attempts more as there are processes. */
  readonly closed: boolean;
}

/** Counts of all processes, by the clock of Redis. */
export class RedisSignInDelays implements SignInDelays {
  constructor(
    private readonly redis: RedisClient,
    private readonly without: WithoutRedis,
  ) {}

  /** @throws VecheError `unavailable` while Redis is away, unless each process may go on by itself */
  async admit(account: string, address: string | undefined): Promise<number> {
    const rules = [ACCOUNT_DELAY, ...(address === undefined ? [] : [ADDRESS_DELAY])].flatMap(({ free, firstMs, longestMs }: DelayRule) => [
      free,
      firstMs,
      longestMs,
    ]);
    const wait = await this.redis.attempt('sign_ins', (redis) => ADMIT.run(redis, this.keys(account, address), [FORGET_MS, ...rules]));
    if (wait !== undefined) return wait / 1000;
    if (!this.without.closed) return this.without.memory.admit(account, address);
    throw new VecheError('unavailable', 'nobody can sign in for a moment; who is signed in stays so', [], CLOSED_MS);
  }

  async settle(account: string, address: string | undefined, outcome: Outcome): Promise<void> {
    const settled = await this.redis.attempt('sign_ins', (redis) => SETTLE.run(redis, this.keys(account, address), [FORGET_MS, outcome]));
    if (settled === undefined) await this.without.memory.settle(account, address, outcome);
  }

  private keys(account: string, address: string | undefined): string[] {
    const { failures } = this.redis.keys;
    return [failures(`account ${account}`), ...(address === undefined ? [] : [failures(`address ${networkOf(address)}`)])];
  }
}
