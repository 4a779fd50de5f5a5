import fc from 'fast-check';
import { expect, it } from 'vitest';
import { headersOf, nextStep, pastOf, withFailure } from './ladder.ts';

const delays = [1000, 5000, 30_000];

it('waits 1, 5 and 30 seconds, then buries what failed four times', () => {
  expect([1, 2, 3, 4].map((failed) => nextStep(failed, 3, delays))).toEqual([
    { do: 'retry', delayMs: 1000 },
    { do: 'retry', delayMs: 5000 },
    { do: 'retry', delayMs: 30_000 },
    { do: 'bury' },
  ]);
});

it('repeats the last delay when there are more retries than delays', () => {
  expect([3, 4, 5, 6].map((failed) => nextStep(failed, 5, delays))).toEqual([
    { do: 'retry', delayMs: 30_000 },
    { do: 'retry', delayMs: 30_000 },
    { do: 'retry', delayMs: 30_000 },
    { do: 'bury' },
  ]);
});

it('buries at the first failure when no retries are wanted', () => {
  expect(nextStep(1, 0, delays)).toEqual({ do: 'bury' });
});

it('counts deliveries that ended with their consumer', () => {
  expect(pastOf({ headers: { 'x-delivery-count': 2 } }).attempts).toBe(2);
  expect(pastOf({ headers: { ...headersOf({ attempts: 1, history: [], firstFailedAt: 5 }), 'x-delivery-count': 2 } })).toEqual({
    attempts: 3,
    history: [],
    firstFailedAt: 5,
  });
});

it('has no past when there are no headers, or strange ones', () => {
  for (const headers of [
    undefined,
    {},
    { 'veche-attempts': 'many', 'veche-history': '{"at":1}' },
    { 'veche-history': 'not JSON' },
    { 'veche-history': '[1,null]' },
  ])
    expect(pastOf({ headers })).toEqual({ attempts: 0, history: [], firstFailedAt: undefined });
});

it('keeps the number of attempts, the first time and the last ten causes, whatever was thrown', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ at: fc.integer({ min: 1 }), cause: fc.string({ maxLength: 1200 }) }), { minLength: 1, maxLength: 30 }), (failures) => {
      let past = pastOf({ headers: {} });
      for (const failure of failures) past = pastOf({ headers: headersOf(withFailure(past, failure)) });
      expect(past.attempts).toBe(failures.length);
      expect(past.firstFailedAt).toBe(failures[0]!.at);
      expect(past.history).toEqual(failures.slice(-10).map(({ at, cause }) => ({ at, cause: cause.slice(0, 500) })));
    }),
  );
});

it('ends every unit after exactly one attempt more than there are retries', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.array(fc.nat(60_000), { minLength: 1, maxLength: 5 }), (retries, any) => {
      let failed = 1;
      while (nextStep(failed, retries, any).do === 'retry') failed++;
      expect(failed).toBe(retries + 1);
    }),
  );
});
