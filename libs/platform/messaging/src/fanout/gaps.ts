/** Notices that messages of a publisher are missing: each numbers its own from 1. The queue of a slow process drops its oldest without a word. */

/** Publishers come and go with processes; forgetting all of them costs one gap that is not noticed, and positions are checked anyway. */
const KNOWN = 1000;

export class Gaps {
  private readonly last = new Map<string, number>();

  /** True when something between the last message and this one did not come. Repeats and stragglers are none. */
  gapBefore(origin: string, number: number): boolean {
    const last = this.last.get(origin);
    if (last !== undefined && number <= last) return false;
    if (this.last.size >= KNOWN) this.last.clear();
    this.last.set(origin, number);
    return last !== undefined && number > last + 1;
  }

  /** After an interruption, when everything was checked. */
  forget(): void {
    this.last.clear();
  }
}
