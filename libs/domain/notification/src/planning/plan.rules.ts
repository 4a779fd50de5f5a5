/** Who should learn of what happened in a thread: from facts to notices, without a look at the clock or the database. */
import { isChannelName, type NoticeKind, userChannel } from '@veche/contracts';
import type { Said, ThreadFact } from './fact.rules.ts';

/** A person in a thread. */
export interface Standing {
  joined: boolean;
  /** All events up to it are read. */
  readSeq: number;
  /** A message that they were told of and have not read; null: nothing is outstanding. */
  waitingSeq: number | null;
  readonly kindsOff: readonly string[];
  readonly muted: boolean;
}

export interface LastSaid {
  readonly seq: number;
  readonly message: string;
  readonly by: string;
  readonly ts: number;
}

/** One thread and the people whom the facts concern. The plan moves them on. */
export interface ThreadState {
  readonly thread: string;
  /** Facts up to it are history: they say who is in the thread and notify nobody. */
  readonly past: number;
  members: number;
  readonly people: Map<string, Standing>;
}

export interface PlannedNotice {
  readonly user: string;
  readonly thread: string;
  readonly kind: NoticeKind;
  readonly threadSeq: number;
  readonly message: string | null;
  readonly by: string;
}

/** The user has read the thread up to a position. */
export interface Reading {
  readonly user: string;
  readonly thread: string;
  readonly threadSeq: number;
}

export interface Plan {
  readonly notices: readonly PlannedNotice[];
  readonly readings: readonly Reading[];
  readonly changed: ReadonlySet<string>;
  /** The first and the last message behind `past`. */
  readonly firstSaid: LastSaid | undefined;
  readonly lastSaid: LastSaid | undefined;
}

/** Whom the facts name; `mentioned` are ids. */
export interface NamedFact {
  readonly fact: ThreadFact;
  readonly mentioned: readonly string[];
}

export const NEW: Omit<Standing, 'kindsOff' | 'muted'> = { joined: false, readSeq: 0, waitingSeq: null };

/** Applies the facts in order. */
export function plan(state: ThreadState, facts: readonly NamedFact[]): Plan {
  const planner = new Planner(state);
  for (const named of facts) planner.take(named);
  return planner;
}

class Planner implements Plan {
  readonly notices: PlannedNotice[] = [];
  readonly readings: Reading[] = [];
  readonly changed = new Set<string>();
  firstSaid: LastSaid | undefined;
  lastSaid: LastSaid | undefined;

  constructor(private readonly state: ThreadState) {}

  take({ fact, mentioned }: NamedFact): void {
    if (fact.fact === 'joined') for (const user of fact.users) this.join(fact, user);
    else if (fact.fact === 'left') this.leave(fact.user);
    else this.said(fact, mentioned);
  }

  private join(at: ThreadFact, user: string): void {
    const standing = this.standing(user);
    if (!standing.joined) this.state.members++;
    standing.joined = true;
    // Being in the thread from here on: what was said before is no absence. Of being added they are yet to learn.
    this.read(standing, at.seq - 1);
    this.notify(user, at, ['added'], null);
  }

  private leave(user: string): void {
    const standing = this.standing(user);
    if (standing.joined) this.state.members--;
    standing.joined = false;
    standing.waitingSeq = null;
  }

  private said(said: Said, mentioned: readonly string[]): void {
    const last = { seq: said.seq, message: said.message, by: said.actor, ts: said.ts };
    if (said.seq > this.state.past) {
      this.firstSaid ??= last;
      this.lastSaid = last;
    }
    this.authored(said);
    const named = new Set([...mentioned, ...(said.replyTo === undefined ? [] : [said.replyTo])]);
    for (const user of named) {
      const kinds = [...(mentioned.includes(user) ? (['mention'] as const) : []), ...(user === said.replyTo ? (['reply'] as const) : [])];
      if (this.notify(user, said, kinds, said.message)) this.standing(user).waitingSeq ??= said.seq;
    }
  }

  /** Who writes has read what stands above. */
  private authored({ actor, seq }: Said): void {
    const standing = this.state.people.get(actor);
    if (!standing?.joined) return;
    this.read(standing, seq);
    this.changed.add(actor);
    if (seq > this.state.past) this.readings.push({ user: actor, thread: this.state.thread, threadSeq: seq });
  }

  private read(standing: Standing, seq: number): void {
    standing.readSeq = Math.max(standing.readSeq, seq);
    if (standing.waitingSeq !== null && standing.waitingSeq <= standing.readSeq) standing.waitingSeq = null;
  }

  /** The first of the kinds that the person wants, if they are to have a notice of this event at all. */
  private notify(user: string, { seq, actor }: ThreadFact, kinds: readonly NoticeKind[], message: string | null): boolean {
    const standing = this.state.people.get(user);
    if (!standing?.joined || user === actor || seq <= this.state.past || standing.readSeq >= seq) return false;
    const kind = kinds.find((each) => wants(standing, each));
    if (kind === undefined || !isChannelName(userChannel(user))) return false;
    this.changed.add(user);
    this.notices.push({ user, thread: this.state.thread, kind, threadSeq: seq, message, by: actor });
    return true;
  }

  private standing(user: string): Standing {
    const standing = this.state.people.get(user) ?? { ...NEW, kindsOff: [], muted: false };
    this.state.people.set(user, standing);
    this.changed.add(user);
    return standing;
  }
}

export const wants = ({ kindsOff, muted }: Pick<Standing, 'kindsOff' | 'muted'>, kind: NoticeKind): boolean => !muted && !kindsOff.includes(kind);

/**
 * Absent from a thread: in it, told of nothing there that is still unread, and a message that is older than the allowed time is not read.
 * Whoever was told stays silent until they have read what they were told of: at most one notice a thread until it is read.
 */
export const isAbsent = (standing: Standing, messageSeq: number): boolean =>
  standing.joined && standing.waitingSeq === null && standing.readSeq < messageSeq && wants(standing, 'absent');
