import { Inject, Injectable } from '@nestjs/common';
import { isChannelName, userChannel } from '@veche/contracts';
import { Database, type Transaction } from '@veche/platform-postgres';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import { addNotices, type Due } from '../dispatch/due.repository.ts';
import { type NotificationConfig, notificationConfig } from '../notification.config.ts';
import { isAbsent } from '../planning/plan.rules.ts';
import { again } from '../following/again.ts';
import { type Check, nextChecks, setWaiting, takeChecks, unread } from './absence.repository.ts';

/** Threads of one transaction; each may have as many members as the setting allows. */
const THREADS = 16;

/** Asks, some time after a message, who has not read it. A thread is asked once in that time however much is said: readers who are there cost nothing. */
@Injectable()
export class Absences {
  constructor(
    private readonly database: Database,
    private readonly dispatcher: Dispatcher,
    @Inject(notificationConfig.token) private readonly config: NotificationConfig,
  ) {}

  /** Looks at all threads whose time has come. */
  async check(): Promise<void> {
    for (;;) {
      const { checked, due } = await again(() => this.database.transaction((tx) => this.look(tx), { planner: 'indexed' }));
      await this.dispatcher.deliver(due);
      if (checked < THREADS) return;
    }
  }

  private async look(tx: Transaction): Promise<{ readonly checked: number; readonly due: readonly Due[] }> {
    const checks = await takeChecks(tx, THREADS);
    if (checks.length === 0) return { checked: 0, due: [] };
    const asked = checks.filter(({ members }) => members <= this.config.NOTIFICATION_ABSENT_MAX_MEMBERS);
    const due = asked.length === 0 ? [] : await this.tell(tx, asked);
    await nextChecks(
      tx,
      checks.map(({ thread }) => thread),
      this.config.NOTIFICATION_ABSENT_AFTER_MS,
    );
    return { checked: checks.length, due };
  }

  private async tell(tx: Transaction, checks: readonly Check[]): Promise<readonly Due[]> {
    const of = new Map(checks.map((check) => [check.thread, check]));
    const absent = (await unread(tx, checks)).flatMap((person) => {
      const { seq } = of.get(person.thread)!;
      return isAbsent(person, seq) && isChannelName(userChannel(person.user)) ? [{ thread: person.thread, user: person.user, seq }] : [];
    });
    if (absent.length === 0) return [];
    const told = await setWaiting(tx, absent);
    const notices = told.map(({ thread, user }) => {
      const { seq, message, by } = of.get(thread)!;
      return { user, thread, kind: 'absent' as const, threadSeq: seq, message, by };
    });
    return addNotices(tx, notices, this.dispatcher.leaseMs);
  }
}
