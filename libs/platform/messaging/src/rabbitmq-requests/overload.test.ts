import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Overload } from './overload.ts';

it('refuses nothing while no more wait than may', () => {
  const overload = new Overload(20);
  expect(overload.isDue(true, 0)).toBe(true);
  overload.saw(20);
  expect(overload.sheds()).toBe(false);
});

it('looks only when busy, and at most ten times a second', () => {
  const overload = new Overload(20);
  expect([overload.isDue(false, 0), overload.isDue(true, 0), overload.isDue(true, 99), overload.isDue(true, 100)]).toEqual([false, true, false, true]);
});

it('refuses in steps down to half of what may wait, looking again after each step', () => {
  const overload = new Overload(20);
  let depth = 100;
  let [now, looks] = [0, 0];
  let answered = 0;
  while (depth > 0) {
    if (overload.isDue(true, now)) {
      looks++;
      overload.saw(depth);
    }
    depth--;
    if (!overload.sheds()) answered++;
    now += 1;
  }
  expect(looks).toBeLessThan(10);
  expect(answered).toBeGreaterThanOrEqual(10);
  expect(answered).toBeLessThanOrEqual(21);
});

it('refuses nobody for what was seen a second ago', () => {
  const overload = new Overload(20);
  overload.isDue(true, 0);
  overload.saw(1000);
  expect(overload.isDue(false, 999)).toBe(false);
  expect(overload.sheds()).toBe(true);
  expect(overload.isDue(false, 1000)).toBe(false);
  expect(overload.sheds()).toBe(false);
});

it('leaves at least half of what may wait to be answered, whatever is seen', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(1000), (backlog, depth) => {
      const overload = new Overload(backlog);
      overload.isDue(true, 0);
      overload.saw(depth);
      let shed = 0;
      while (overload.sheds()) shed++;
      expect(shed).toBeLessThanOrEqual(32);
      if (depth <= backlog) expect(shed).toBe(0);
      else expect(depth - shed).toBeGreaterThanOrEqual(Math.floor(backlog / 2));
    }),
  );
});
