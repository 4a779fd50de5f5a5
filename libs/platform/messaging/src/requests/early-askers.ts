/** Askers from before this process answers: modules that start earlier than the services they ask, which may be of the same process. */
import { VecheError } from '@veche/contracts';
import type { Clock } from '../clock.ts';

export class EarlyAskers {
  private waiting: (() => void)[] | undefined = [];

  constructor(private readonly clock: Clock) {}

  /** @throws VecheError `unavailable` when nothing was served in that time */
  async untilServed(timeoutMs: number): Promise<void> {
    if (!this.waiting) return;
    await new Promise<void>((resolve, reject) => {
      const cancel = this.clock.after(timeoutMs, () => reject(new VecheError('unavailable', 'no service has started yet, try again after a pause')));
      this.waiting?.push(() => {
        cancel();
        resolve();
      });
    });
  }

  /** From here on nobody waits. */
  admit(): void {
    for (const admit of this.waiting ?? []) admit();
    this.waiting = undefined;
  }
}
