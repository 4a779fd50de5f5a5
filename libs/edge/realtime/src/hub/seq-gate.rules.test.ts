import { assert, property, array, integer, shuffledSubarray, constantFrom, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from './seq-gate.rules.ts';

describe('the gate', () => {
  it('lets the next event pass, drops what was seen, notices a gap and another epoch', () => {
    const gate = { epoch: 'a', last: 5 };
    expect(judge(gate, { epoch: 'a', seq: 6 })).toBe('next');
    expect(judge(gate, { epoch: 'a', seq: 5 })).toBe('old');
    expect(judge(gate, { epoch: 'a', seq: 8 })).toBe('gap');
    expect(judge(gate, { epoch: 'b', seq: 6 })).toBe('rewound');
  });

  it('takes the epoch of the first event of a channel that had none', () => {
    expect(judge({ epoch: '', last: 0 }, { epoch: 'a', seq: 1 })).toBe('next');
    expect(judge({ epoch: '', last: 0 }, { epoch: 'a', seq: 2 })).toBe('gap');
  });

  it('forwards 1, 2, 3 … whatever order, repetition and loss the fan-out adds, if gaps are read from the log', () => {
    const arrivals = integer({ min: 1, max: 60 }).chain((top) => {
      const seqs = Array.from({ length: top }, (_, at) => at + 1);
      return tuple(shuffledSubarray(seqs), array(constantFrom(...seqs), { maxLength: 40 }));
    });
    assert(
      property(arrivals, ([some, repeats]) => {
        const forwarded: number[] = [];
        let last = 0;
        const forward = (seq: number): void => {
          forwarded.push(seq);
          last = seq;
        };
        for (const seq of [...some, ...repeats]) {
          const judgement = judge({ epoch: 'a', last }, { epoch: 'a', seq });
          if (judgement === 'next') forward(seq);
          // The log has everything up to whatever was announced.
          if (judgement === 'gap') for (let missing = last + 1; missing <= seq; missing++) forward(missing);
        }
        expect(forwarded).toEqual(Array.from({ length: Math.max(0, ...some, ...repeats) }, (_, at) => at + 1));
      }),
    );
  });
});
