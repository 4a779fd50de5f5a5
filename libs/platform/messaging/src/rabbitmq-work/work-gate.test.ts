import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WORK_CLASSES, type WorkClass } from '../rabbitmq/topology.ts';
import { WorkGate } from './work-gate.ts';

/** Jobs that end when told, in the order in which they began. */
class Jobs {
  readonly begun: WorkClass[] = [];
  readonly running: { readonly workClass: WorkClass; readonly end: () => void }[] = [];
  job(workClass: WorkClass): () => Promise<void> {
    return () => {
      this.begun.push(workClass);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.running.push({ workClass, end: resolve });
      return promise;
    };
  }
}
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

it('lets critical work overtake normal work, and that bulk', async () => {
  const gate = new WorkGate(1);
  const jobs = new Jobs();
  for (const workClass of ['bulk', 'bulk', 'normal', 'critical'] as const) gate.run(workClass, jobs.job(workClass));
  for (let index = 0; index < 4; index++) {
    jobs.running.shift()!.end();
    await settle();
  }
  expect(jobs.begun).toEqual(['bulk', 'critical', 'normal', 'bulk']);
});

it('leaves room for critical work whatever is running', () => {
  const gate = new WorkGate(32);
  const jobs = new Jobs();
  for (let index = 0; index < 100; index++) gate.run('bulk', jobs.job('bulk'));
  for (let index = 0; index < 100; index++) gate.run('normal', jobs.job('normal'));
  gate.run('critical', jobs.job('critical'));
  expect(Object.groupBy(jobs.begun, (each) => each)).toMatchObject({ bulk: { length: 16 }, normal: { length: 8 }, critical: { length: 1 } });
});

it('runs everything once, never more than its width at a time, and is idle after the last', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.constantFrom(...WORK_CLASSES), { maxLength: 40 }),
      fc.infiniteStream(fc.nat(100)),
      async (width, classes, picks) => {
        const gate = new WorkGate(width);
        const jobs = new Jobs();
        for (const workClass of classes) gate.run(workClass, jobs.job(workClass));
        while (jobs.running.length > 0) {
          expect(jobs.running.length).toBeLessThanOrEqual(width);
          const [ended] = jobs.running.splice(picks.next().value! % jobs.running.length, 1);
          ended!.end();
          await settle();
        }
        await gate.idle();
        expect(jobs.begun.toSorted()).toEqual(classes.toSorted());
      },
    ),
    { numRuns: 60 },
  );
});
