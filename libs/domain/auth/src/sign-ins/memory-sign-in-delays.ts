import { ACCOUNT_DELAY, ADDRESS_DELAY, delayAfter, type DelayRule, FORGET_MS, networkOf, type Outcome, type SignInDelays } from './sign-in-delays.ts';

interface Failures {
  count: number;
  lastAt: number;
}

/** Names remembered; the oldest goes first. Some 100 bytes each. */
const MAX_NAMES = 100_000;

/** Counts of one process. */
export class MemorySignInDelays implements SignInDelays {
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  admit(account: string, address: string | undefined): Promise<number> {
    const wait = Math.max(this.waitOf(ofAccount(account), ACCOUNT_DELAY), address === undefined ? 0 : this.waitOf(ofAddress(address), ADDRESS_DELAY));
    if (wait <= 0) this.count(ofAccount(account));
    return Promise.resolve(Math.max(0, wait));
  }

  settle(account: string, address: string | undefined, outcome: Outcome): Promise<void> {
    // An address keeps its failures: an attacker with one good account must not wash the rest away.
    if (outcome === 'failed' && address !== undefined) this.count(ofAddress(address));
    if (outcome === 'succeeded') this.failures.delete(ofAccount(account));
    if (outcome === 'undecided') this.uncount(ofAccount(account));
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
    if (this.failures.size > MAX_NAMES) this.dropOldest();
  }

  /** A quarter at once: the first key of a map whose first keys were deleted is found by walking over their graves. */
  private dropOldest(): void {
    let surplus = this.failures.size - MAX_NAMES * 0.75;
    for (const name of this.failures.keys()) {
      if (surplus-- <= 0) return;
      this.failures.delete(name);
    }
  }

  private uncount(name: string): void {
    const known = this.failures.get(name);
    if (known && --known.count <= 0) this.failures.delete(name);
  }
}

const ofAccount = (account: string): string => `account ${account}`;
const ofAddress = (address: string): string => `address ${networkOf(address)}`;
