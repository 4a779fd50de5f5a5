/** Chance that is the same at every run. */
import { createHash } from 'node:crypto';

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

/** A UUID that only the key decides. */
export function uuidOf(key: string): string {
  const bytes = digest(key).subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Numbers in [0, 1): mulberry32, started by the key. */
export class Chance {
  #state: number;

  constructor(key: string) {
    this.#state = digest(key).readUInt32LE(0);
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** 0 … count - 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  of<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }
}

/** Ranks 0 … count - 1, the first the most frequent: rank r is drawn in proportion to 1 / (r + 1)^exponent. */
export class Zipf {
  readonly #upTo: Float64Array;

  constructor(count: number, exponent: number) {
    this.#upTo = new Float64Array(count);
    for (let rank = 0, sum = 0; rank < count; rank++) this.#upTo[rank] = sum += 1 / (rank + 1) ** exponent;
  }

  draw(chance: Chance): number {
    const target = chance.next() * (this.#upTo.at(-1) ?? 0);
    let low = 0;
    for (let high = this.#upTo.length - 1; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#upTo[middle] ?? 0) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** How many of `total` fall to each rank; they add up to `total`. */
  shares(total: number): number[] {
    const whole = this.#upTo.at(-1) ?? 1;
    const borders = Array.from(this.#upTo, (upTo) => Math.round((total * upTo) / whole));
    return borders.map((border, rank) => border - (borders[rank - 1] ?? 0));
  }
}
