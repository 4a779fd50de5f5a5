import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Breaker, type Leave, type Report } from './breaker.ts';

/** Asks and reports at once. */
const ask = (breaker: Breaker, outcome: Report, now: number): boolean => {
  const leave = breaker.enter(now);
  if (leave) breaker.report(leave, outcome, now);
  return leave !== undefined;
};
const opened = (now = 0): Breaker => {
  const breaker = new Breaker();
  for (let index = 0; index < 5; index++) ask(breaker, 'failed', now);
  return breaker;
};

it('opens when more than half of the last answers failed, and not before there are five', () => {
  const breaker = new Breaker();
  for (let index = 0; index < 4; index++) expect(ask(breaker, 'failed', 0)).toBe(true);
  expect(breaker.state(0)).toBe('closed');
  ask(breaker, 'failed', 0);
  expect(breaker.state(0)).toBe('open');
  expect(ask(breaker, 'ok', 199)).toBe(false);
  expect(breaker.retryAfter(150)).toBe(50);
});

it('stays closed while every other answer comes', () => {
  const breaker = new Breaker();
  for (let index = 0; index < 100; index++) expect(ask(breaker, index % 2 ? 'failed' : 'ok', 0)).toBe(true);
});

it('lets one probe through after the pause and closes when it is answered', () => {
  const breaker = opened();
  const probe = breaker.enter(200)!;
  expect(probe.probe).toBe(true);
  expect(breaker.enter(10_000)).toBeUndefined();
  breaker.report(probe, 'ok', 10_000);
  expect(breaker.state(10_000)).toBe('closed');
});

it('doubles the pause for each probe that fails, up to 3.2 s', () => {
  const breaker = opened();
  const pauses: number[] = [];
  for (let now = 200, index = 0; index < 7; index++) {
    ask(breaker, 'failed', now);
    pauses.push(breaker.retryAfter(now));
    now += pauses.at(-1)!;
  }
  expect(pauses).toEqual([400, 800, 1600, 3200, 3200, 3200, 3200]);
});

it('lets another probe through when nobody waited for the first', () => {
  const breaker = opened();
  breaker.report(breaker.enter(200)!, 'void', 200);
  expect(breaker.enter(200)?.probe).toBe(true);
});

it('judges nothing by answers that were asked for before it opened', () => {
  const breaker = new Breaker();
  const early = Array.from({ length: 30 }, () => breaker.enter(0)!);
  for (const leave of early.slice(0, 5)) breaker.report(leave, 'failed', 0);
  expect(breaker.state(0)).toBe('open');
  for (const leave of early.slice(5)) breaker.report(leave, 'ok', 100);
  expect(breaker.enter(199)).toBeUndefined();
  breaker.report(breaker.enter(200)!, 'ok', 200);
  for (const leave of early.slice(5)) breaker.report(leave, 'failed', 300);
  expect(breaker.state(300)).toBe('closed');
});

type Step = { readonly do: 'ask' } | { readonly do: 'wait'; readonly ms: number } | { readonly do: 'answer'; readonly which: number; readonly outcome: Report };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: 'ask' } as const) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(2000) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: fc.nat(50),
      outcome: fc.constantFrom('ok' as const, 'failed' as const, 'void' as const),
    }),
  },
);

/** A run of any steps, in which every invariant is looked at after each. */
class Run {
  readonly breaker = new Breaker();
  readonly waiting: Leave[] = [];
  now = 0;

  take(each: Step): void {
    if (each.do === 'wait') this.now += each.ms;
    else if (each.do === 'ask') this.ask();
    else if (this.waiting.length > 0) this.answer(each);
  }

  private ask(): void {
    const state = this.breaker.state(this.now);
    const leave = this.breaker.enter(this.now);
    expect(leave === undefined).toBe(state === 'open' || (state === 'half-open' && this.waiting.some(({ probe }) => probe)));
    if (leave) this.waiting.push(leave);
    expect(this.waiting.filter(({ probe }) => probe).length).toBeLessThanOrEqual(1);
  }

  private answer({ which, outcome }: { readonly which: number; readonly outcome: Report }): void {
    const [leave] = this.waiting.splice(which % this.waiting.length, 1);
    const before = this.breaker.state(this.now);
    this.breaker.report(leave!, outcome, this.now);
    const after = this.breaker.state(this.now);
    // Only a failure opens, only a good probe closes.
    if (before !== 'open' && after === 'open') expect(outcome).toBe('failed');
    if (before !== 'closed' && after === 'closed') expect([leave!.probe, outcome]).toEqual([true, 'ok']);
  }
}

it('asks nothing while open, one probe while half open, and is opened by failures and closed by a good probe alone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const run = new Run();
      for (const each of steps) run.take(each);
    }),
    { numRuns: 500 },
  );
});

it('is closed again within one pause and one answer, whatever was before, once the service answers', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const run = new Run();
      for (const each of steps) run.take(each);
      for (const leave of run.waiting.splice(0)) run.breaker.report(leave, 'ok', run.now);
      run.now += run.breaker.retryAfter(run.now);
      expect(run.breaker.retryAfter(run.now)).toBe(0);
      ask(run.breaker, 'ok', run.now);
      expect(run.breaker.state(run.now)).toBe('closed');
    }),
    { numRuns: 500 },
  );
});

it('never opens while at least half of any answers are good', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (failures) => {
      const breaker = new Breaker();
      for (const failed of failures) {
        ask(breaker, 'ok', 0);
        if (failed) ask(breaker, 'failed', 0);
        expect(breaker.state(0)).toBe('closed');
      }
    }),
  );
});
