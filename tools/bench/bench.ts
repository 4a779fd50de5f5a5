/** What a bench is: it measures in one run what it compares, and answers rows for one table. */
import type { BenchServer } from './server.ts';

export interface Row {
  /** B0 … B7 of the performance guide's suite, or the name of a bench beside it. */
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The aim as text; absent for figures that are only recorded. */
  readonly aim?: string;
  readonly met?: boolean;
}

export interface Context {
  /** Compiled C programs; undefined without gcc. */
  readonly floor: string;
  readonly client: string;
  /** Shorter and smaller: for a look, not for a claim. */
  readonly quick: boolean;
  readonly say: (text: string) => void;
  /** A fresh server pinned to core 0; stopped by the caller of the bench. */
  readonly server: (env?: Readonly<Record<string, string>>) => Promise<BenchServer>;
}

export type Bench = (context: Context) => Promise<readonly Row[]>;

export const atMost = (id: string, what: string, value: number, unit: string, limit: number): Row => ({
  id,
  what,
  value,
  unit,
  aim: `≤ ${limit}`,
  met: value <= limit,
});
export const atLeast = (id: string, what: string, value: number, unit: string, limit: number): Row => ({
  id,
  what,
  value,
  unit,
  aim: `≥ ${limit}`,
  met: value >= limit,
});
export const figure = (id: string, what: string, value: number, unit: string): Row => ({ id, what, value, unit });

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
