import type { Scale } from './arguments.ts';
import { Conversation } from './conversation.ts';
import type { Owner } from './owner.ts';
import { seedPeople } from './people.ts';
import { Plan } from './plan.ts';
import { Progress, type Screen } from './progress.ts';

/** Threads in which something happens at once: enough to fill a batch of every queue. */
const CONCURRENT_THREADS = 500;

export interface Added {
  readonly people: number;
  /** New, or completed. */
  readonly threads: number;
}

/** Adds what is missing of the planned people and threads. */
export async function seed(owner: Owner, scale: Scale, password: string, screen: Screen): Promise<Added> {
  const plan = new Plan(scale);
  const everybody = new Progress('people  ', scale.users, screen);
  const people = await seedPeople(owner.database, plan, password, everybody);
  everybody.end();
  const all = new Progress('messages', scale.messages, screen);
  const threads = await converse(owner, plan, all);
  all.end();
  return { people, threads };
}

/** Some conversations side by side; the largest come first, so that the end is not one of them alone. */
async function converse(owner: Owner, plan: Plan, progress: Progress): Promise<number> {
  let next = 0;
  let added = 0;
  const worker = async (): Promise<void> => {
    while (next < plan.scale.threads) if (await new Conversation(owner, plan, next++, progress).happen()) added++;
  };
  await Promise.all(Array.from({ length: CONCURRENT_THREADS }, worker));
  // What was learnt of empty tables would mislead the planner about full ones until autovacuum comes by.
  if (added > 0) await owner.database.query({ text: 'ANALYZE thread, member, message, reaction, read_marker' });
  return added;
}
