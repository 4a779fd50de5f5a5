/** Random numbers that a seed repeats for ever: what a fault run did can be done again. */

export interface Random {
  /** A whole number from 0 to `below` - 1. */
  (below: number): number;
}

/** mulberry32 (Tommy Ettinger, public domain). @param seed 32 bits of it count */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** One of a list that is not empty. */
export const oneOf = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T;

/** A whole number within both bounds. */
export const between = (random: Random, [least, most]: readonly [number, number]): number => least + random(most - least + 1);
