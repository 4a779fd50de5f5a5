/** S12 and S13 of the notification service: everybody who was added to a thread is told of it, once, and nobody twice of anything. */
import { eventually, type WorkReport } from '@veche/testing';
import type { Campaign } from '../campaign.ts';
import { demand, type Person } from '../people.ts';

interface Notice {
  readonly kind: string;
  readonly thread: string;
  readonly thread_seq: number;
}

/** Sweep, ladder and leases of a notice that met every fault. */
const TOLD_WITHIN_MS = 60_000;

export interface Told {
  /** One key a notice. */
  readonly effects: readonly string[];
  /** Being told as work: what the threads called for, and what became of it. */
  readonly work: WorkReport;
}

/** Waits until everybody has been told; what is missing then stands in the report. */
export async function toldIn(campaign: Campaign): Promise<Told> {
  const enqueued = campaign.people.flatMap((person) => campaign.addedTo(person).map((channel) => `${person.login} added ${channel}`));
  const added = async (): Promise<string[]> => (await keysOf(campaign)).filter((key) => key.includes(' added ')).map((key) => key.split(' at ')[0] as string);
  await eventually(async () => new Set(await added()).size >= enqueued.length, { timeoutMs: TOLD_WITHIN_MS }).catch(() => undefined);
  return { effects: await keysOf(campaign), work: { enqueued, done: await added(), dead: [], waiting: 0, maxAttempts: 4 } };
}

async function keysOf(campaign: Campaign): Promise<string[]> {
  const all = await Promise.all(
    campaign.people.map(async (person) =>
      (await noticesOf(campaign.origin, person))
        .filter(({ thread }) => campaign.channels.includes(thread))
        .map(({ kind, thread, thread_seq }) => `${person.login} ${kind} ${thread} at ${thread_seq}`),
    ),
  );
  return all.flat();
}

async function noticesOf(origin: string, { token }: Person): Promise<Notice[]> {
  const notices: Notice[] = [];
  let after: string | null = '';
  while (after !== null) {
    const path: string = `/notifications?limit=100${after ? `&after=${encodeURIComponent(after)}` : ''}`;
    const page: { notices: Notice[]; next: string | null } = await demand(origin, 'GET', path, { token });
    notices.push(...page.notices);
    after = page.next;
  }
  return notices;
}
