import { ACCOUNT_DELAY, ADDRESS_DELAY, delayAfter, type DelayRule, networkOf, type SignInDelays } from './sign-in-delays.ts';

interface Failures {
  count: number;
  lastAt: number;
}

/** Failures are forgotten this long after the last one. */
const FORGET_MS = 3_600_000;
/** Names remembered; the oldest goes first. Some 100 bytes each. */
const MAX_NAMES = 100_000;

/** Counts of one process. */
export class MemorySignInDelays implements SignInDelays {
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  admit(account: string, address: string | undefined): Promise<number> {
    const names = namesOf(account, address);
    const wait = Math.max(...names.map(([name, rule]) => this.waitOf(name, rule)));
    if (wait <= 0) for (const [name] of names) this.count(name);
    return Promise.resolve(Math.max(0, wait));
  }

  settle(account: string, address: string | undefined, outcome: 'succeeded' | 'undecided'): Promise<void> {
    for (const [name] of namesOf(account, address)) {
      const known = this.failures.get(name);
      if (!known) continue;
      known.count--;
      // An address keeps its other failures: an attacker with one good account must not wash the rest away.
      if (known.count <= 0 || (outcome === 'succeeded' && name.startsWith(ACCOUNT))) this.failures.delete(name);
    }
    return Promise.resolve();
  }

  get size(): number {
    return this.failures.size;
  }

  private waitOf(name: string, rule: DelayRule): number {
    const known = this.failures.get(name);
    if (!known) return 0;
    const since = this.now() - known.lastAt;
    if (since < FORGET_MS) return delayAfter(known.count, rule) - since;
    this.failures.delete(name);
    return 0;
  }

  private count(name: string): void {
    const count = (this.failures.get(name)?.count ?? 0) + 1;
    this.failures.delete(name);
    this.failures.set(name, { count, lastAt: this.now() });
    if (this.failures.size > MAX_NAMES) this.failures.delete(this.failures.keys().next().value as string);
  }
}

const ACCOUNT = 'account ';

function namesOf(account: string, address: string | undefined): readonly (readonly [string, DelayRule])[] {
  const ofAccount = [`${ACCOUNT}${account}`, ACCOUNT_DELAY] as const;
  return address === undefined ? [ofAccount] : [ofAccount, [`address ${networkOf(address)}`, ADDRESS_DELAY]];
}
