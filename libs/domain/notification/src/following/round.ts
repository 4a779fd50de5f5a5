import { Inject, Injectable } from '@nestjs/common';
import { parseChannel } from '@veche/contracts';
import { EventLog } from '@veche/event-log';
import { Database, type Transaction } from '@veche/platform-postgres';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import { addClears, addNotices, type Due } from '../dispatch/due.repository.ts';
import { type NotificationConfig, notificationConfig } from '../notification.config.ts';
import { NotificationTelemetry } from '../notification.telemetry.ts';
import { factOf, type Fact, type Read, type ThreadFact } from '../planning/fact.rules.ts';
import { Names } from '../planning/names.ts';
import { type Plan, plan, type Reading, type ThreadState } from '../planning/plan.rules.ts';
import { again } from './again.ts';
import { type Cursor, cursorsOf, lockCursors, moveCursors, restartCursor } from './cursor.repository.ts';
import type { Hint, Reach } from './hints.ts';
import { nextPage, type Page } from './page.ts';
import { markRead, memberCounts, moveThreads, people, type PersonRow, saveMembers } from './thread.repository.ts';

/** A page and what it says. */
interface Followed {
  readonly page: Page;
  readonly thread: readonly NamedThreadFact[];
  readonly reads: readonly Reading[];
}

interface NamedThreadFact {
  readonly fact: ThreadFact;
  /** Ids that it mentions for certain. */
  readonly mentioned: readonly string[];
}

/**
 * Follows some logs by one page each: what the events mean, who should learn of it, the cursors moved and the commands due, in one transaction.
 * What the database holds then is all that a crash leaves behind, and all that another process needs to go on.
 */
@Injectable()
export class Round {
  // allowed: size: what is read (log, names), where it is written, and whom it is handed to
  constructor(
    private readonly log: EventLog,
    private readonly names: Names,
    private readonly database: Database,
    private readonly dispatcher: Dispatcher,
    @Inject(notificationConfig.token) private readonly config: NotificationConfig,
    private readonly telemetry: NotificationTelemetry,
  ) {}

  /** @returns logs that reach farther than they were followed. */
  async run(hints: readonly Hint[]): Promise<readonly Reach[]> {
    const cursors = await cursorsOf(
      this.database,
      hints.map(({ channel }) => channel),
    );
    const behind = hints.filter((hint) => isBehind(hint, cursors.get(hint.channel)));
    const pages = (await Promise.all(behind.map((hint) => nextPage(this.log, hint, cursors.get(hint.channel))))).filter((page) => page !== undefined);
    if (pages.length === 0) return [];
    const followed = await this.understand(pages.filter(({ rewound }) => !rewound));
    const rewound = pages.filter((page) => page.rewound);
    const due = await again(() => this.database.transaction((tx) => this.write(tx, followed, rewound), { planner: 'indexed' }));
    await this.dispatcher.deliver(due);
    return pages
      .filter(({ rewound: restarted, events, head }) => restarted || (events.at(-1)?.seq ?? 0) < head)
      .map(({ channel, head }) => ({ channel, seq: head }));
  }

  /** One event that was passed over: who should learn of it, wherever the cursor stands by now. */
  async again(channel: string, seq: number): Promise<void> {
    const page = await this.log.read(channel, { after: seq - 1, limit: 1, atLeast: seq });
    const [event] = page?.events ?? [];
    if (!page || event?.seq !== seq) return;
    const followed = await this.understand([{ channel, epoch: page.epoch, after: seq - 1, past: 0, events: [event], head: seq, rewound: false }]);
    await this.dispatcher.deliver(await again(() => this.database.transaction((tx) => this.effects(tx, followed), { planner: 'indexed' })));
  }

  /** Who is meant by the names in the messages is asked outside of the transaction: nothing may wait for another service under a lock. */
  private async understand(pages: readonly Page[]): Promise<readonly Followed[]> {
    const understood = pages.map((page) => ({ page, facts: page.events.map((event) => factOf(event, this.config.NOTIFICATION_MAX_MENTIONS)) }));
    const mentions = understood.flatMap(({ page, facts }) => facts.flatMap((fact) => (isSaid(fact) && fact.seq > page.past ? fact.mentions.logins : [])));
    const ids = mentions.length > 0 ? await this.names.idsOf(mentions) : new Map<string, string>();
    return understood.map(({ page, facts }) => {
      this.telemetry.unreadable(page.channel, facts.filter((fact) => fact === 'unreadable').length);
      return { page, thread: facts.filter(isThreadFact).map((fact) => ({ fact, mentioned: mentionedBy(fact, ids) })), reads: readingsOf(page, facts) };
    });
  }

  private async write(tx: Transaction, followed: readonly Followed[], rewound: readonly Page[]): Promise<readonly Due[]> {
    const logs = [...followed.map(({ page }) => page), ...rewound];
    const cursors = await lockCursors(tx, logs);
    for (const { channel, epoch, head } of rewound) if (cursors.get(channel)?.epoch !== epoch) await restartCursor(tx, channel, epoch, head);
    // Another process was here in between: what it has not followed comes again.
    const mine = followed.filter(({ page }) => {
      const cursor = cursors.get(page.channel);
      return cursor?.seq === page.after && cursor.epoch === page.epoch;
    });
    if (mine.length === 0) return [];
    const due = await this.effects(tx, mine);
    await moveCursors(
      tx,
      mine.map(({ page }) => ({ channel: page.channel, seq: page.events.at(-1)!.seq })),
    );
    this.telemetry.followed(mine.reduce((sum, { page }) => sum + page.events.length, 0));
    return due;
  }

  /** What the events change, all of it safe to do twice. */
  private async effects(tx: Transaction, mine: readonly Followed[]): Promise<readonly Due[]> {
    const plans = await this.plans(tx, mine);
    const readings = [...mine.flatMap(({ reads }) => reads), ...plans.flatMap(({ readings: authored }) => authored)];
    await markRead(
      tx,
      mine.flatMap(({ reads }) => reads),
    );
    const notices = await addNotices(
      tx,
      plans.flatMap((planned) => planned.notices),
      this.dispatcher.leaseMs,
    );
    const clears = await addClears(tx, readings, this.dispatcher.leaseMs);
    return [...notices, ...clears];
  }

  /** Plans each thread and writes what the plan changes about it. */
  private async plans(tx: Transaction, followed: readonly Followed[]): Promise<readonly Plan[]> {
    const threads = followed.filter(({ thread }) => thread.length > 0);
    if (threads.length === 0) return [];
    const named = threads.flatMap(({ page, thread }) => [...new Set(thread.flatMap(usersOf))].map((user) => ({ thread: page.channel, user })));
    const known = await people(tx, named);
    const counts = await memberCounts(
      tx,
      threads.map(({ page }) => page.channel),
    );
    const states = threads.map(({ page }) => stateOf(page, known, counts.get(page.channel) ?? 0));
    const plans = threads.map(({ thread }, place) =>
      plan(
        states[place]!,
        thread.map((one) => withIds(one, states[place]!)),
      ),
    );
    await saveMembers(
      tx,
      states.flatMap(({ thread, people: standings }, place) => [...plans[place]!.changed].map((user) => ({ thread, user, ...standings.get(user)! }))),
    );
    await moveThreads(
      tx,
      states.map(({ thread, members }, place) => ({ thread, members, firstSaid: plans[place]!.firstSaid, lastSaid: plans[place]!.lastSaid })),
      this.config.NOTIFICATION_ABSENT_AFTER_MS,
    );
    return plans;
  }
}

const isBehind = ({ head, epoch }: Hint, cursor: Cursor | undefined): boolean =>
  (cursor?.seq ?? 0) < head || (cursor !== undefined && epoch !== '' && cursor.epoch !== epoch);

const isSaid = (fact: Fact): fact is Extract<ThreadFact, { fact: 'said' }> => typeof fact === 'object' && fact.fact === 'said';
const isThreadFact = (fact: Fact): fact is ThreadFact => typeof fact === 'object' && fact.fact !== 'read';
const isRead = (fact: Fact): fact is Read => typeof fact === 'object' && fact.fact === 'read';

/** For each mention the longest login that exists. */
function mentionedBy(fact: ThreadFact, ids: ReadonlyMap<string, string>): readonly string[] {
  if (fact.fact !== 'said') return [];
  return fact.mentions.logins.flatMap((candidates) => {
    const login = candidates.find((candidate) => ids.has(candidate));
    return login === undefined ? [] : [ids.get(login)!];
  });
}

/** Ids that a message names outright count when they are members'. */
function withIds({ fact, mentioned }: NamedThreadFact, { people: standings }: ThreadState): NamedThreadFact {
  if (fact.fact !== 'said') return { fact, mentioned };
  const outright = fact.mentions.ids.flatMap((candidates) => candidates.filter((candidate) => standings.get(candidate)?.joined).slice(0, 1));
  return { fact, mentioned: [...new Set([...mentioned, ...outright])] };
}

function usersOf({ fact, mentioned }: NamedThreadFact): readonly string[] {
  if (fact.fact === 'joined') return fact.users;
  if (fact.fact === 'left') return [fact.user];
  return [fact.actor, ...mentioned, ...fact.mentions.ids.flat(), ...(fact.replyTo === undefined ? [] : [fact.replyTo])];
}

function readingsOf({ channel }: Page, facts: readonly Fact[]): readonly Reading[] {
  const user = parseChannel(channel)?.id ?? '';
  return facts.filter(isRead).map(({ thread, threadSeq }) => ({ user, thread, threadSeq }));
}

const stateOf = ({ channel, past }: Page, known: readonly PersonRow[], members: number): ThreadState => ({
  thread: channel,
  past,
  members,
  people: new Map(known.filter(({ thread }) => thread === channel).map((row) => [row.user, { ...row }])),
});
