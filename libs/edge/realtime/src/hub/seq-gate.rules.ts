/** Decides what happens to an event that the fan-out brought: pure, so that it can be tried against every disorder. */

export interface Gate {
  /** '' until the channel has its first event: the epoch of that event is taken over. */
  readonly epoch: string;
  /** Highest seq forwarded; everything up to it was forwarded too. */
  readonly last: number;
}

/**
 * `next`: forward it. `old`: seen, drop it. `gap`: something before it is missing, read the log first.
 * `rewound`: the numbering was replaced, no position of this channel means anything any more.
 */
export type Judgement = 'next' | 'old' | 'gap' | 'rewound';

export function judge(gate: Gate, event: { readonly epoch: string; readonly seq: number }): Judgement {
  if (event.epoch !== gate.epoch && !isUnborn(gate)) return 'rewound';
  if (event.seq === gate.last + 1) return 'next';
  return event.seq <= gate.last ? 'old' : 'gap';
}

/** The channel had no row when it was looked up: nothing was shown, so any epoch is its first. */
export const isUnborn = (gate: Gate): boolean => gate.epoch === '' && gate.last === 0;
