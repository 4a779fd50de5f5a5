import type { NoticeKind } from '@veche/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAbsent, type NamedFact, plan, type PlannedNotice, type Standing, type ThreadState } from './plan.rules.ts';

const standing = (given: Partial<Standing> = {}): Standing => ({ joined: true, readSeq: 0, waitingSeq: null, kindsOff: [], muted: false, ...given });
const state = (people: Record<string, Partial<Standing>>, past = 0): ThreadState => ({
  thread: 'thread:t',
  past,
  members: Object.values(people).filter(({ joined = true }) => joined).length,
  people: new Map(Object.entries(people).map(([user, given]) => [user, standing(given)])),
});

let seq = 0;
const said = (actor: string, mentioned: readonly string[] = [], replyTo?: string, at = ++seq): NamedFact => ({
  fact: { fact: 'said', seq: at, actor, ts: at * 1000, message: `m${at}`, mentions: { logins: [], ids: [] }, replyTo },
  mentioned,
});
const joined = (actor: string, ...users: string[]): NamedFact => ({ fact: { fact: 'joined', seq: ++seq, actor, ts: 0, users }, mentioned: [] });
const left = (user: string): NamedFact => ({ fact: { fact: 'left', seq: ++seq, actor: user, ts: 0, user }, mentioned: [] });

const short = ({ notices }: { readonly notices: readonly PlannedNotice[] }): string[] => notices.map(({ user, kind }) => `${user} ${kind}`);

test('a founder is not told that there is a thread, the others are', () => {
  const thread = state({});
  expect(short(plan(thread, [joined('a', 'a', 'b', 'c')]))).toEqual(['b added', 'c added']);
  expect(thread.members).toBe(3);
});

test('a mention goes before a reply, and the reply stands in where mentions are off', () => {
  expect(short(plan(state({ a: {}, b: {} }), [said('a', ['b'], 'b')]))).toEqual(['b mention']);
  expect(short(plan(state({ a: {}, b: { kindsOff: ['mention'] } }), [said('a', ['b'], 'b')]))).toEqual(['b reply']);
  expect(short(plan(state({ a: {}, b: { kindsOff: ['mention', 'reply'] } }), [said('a', ['b'], 'b')]))).toEqual([]);
});

test('strangers, people who have left, who muted the thread and who have read it already are not told', () => {
  const thread = state({ a: {}, gone: {}, muted: { muted: true }, read: { readSeq: 1_000_000 } });
  expect(short(plan(thread, [left('gone'), said('a', ['stranger', 'gone', 'muted', 'read'])]))).toEqual([]);
  expect(thread.members).toBe(3);
});

test('history says who is in the thread and notifies nobody', () => {
  const thread = state({}, 1_000_000);
  const { notices, readings, firstSaid, lastSaid } = plan(thread, [joined('a', 'a', 'b'), said('a', ['b'], 'b')]);
  expect({ notices, readings, firstSaid, lastSaid }).toEqual({ notices: [], readings: [], firstSaid: undefined, lastSaid: undefined });
  expect(thread.people.get('b')).toMatchObject({ joined: true });
});

test('who writes has read what stands above', () => {
  const thread = state({ a: {}, b: { waitingSeq: 1 } });
  const message = said('b');
  expect(plan(thread, [message]).readings).toEqual([{ user: 'b', thread: 'thread:t', threadSeq: message.fact.seq }]);
  expect(thread.people.get('b')).toMatchObject({ readSeq: message.fact.seq, waitingSeq: null });
});

test('users whose inbox cannot have a name are passed over', () => {
  expect(short(plan(state({ a: {}, 'ext|1': {} }), [said('a', ['ext|1'])]))).toEqual([]);
});

test('absent is who was told of nothing that is unread, has not read so far and wants to know', () => {
  expect(isAbsent(standing({ readSeq: 4 }), 5)).toBe(true);
  for (const given of [{ readSeq: 5 }, { waitingSeq: 2 }, { muted: true }, { kindsOff: ['absent'] }, { joined: false }])
    expect(isAbsent(standing(given), 5)).toBe(false);
});

const USERS = ['a', 'b', 'c', 'd'];
const KINDS: readonly NoticeKind[] = ['mention', 'reply', 'added', 'absent'];
const user = fc.constantFrom(...USERS);
const fact: fc.Arbitrary<NamedFact> = fc.oneof(
  fc.tuple(user, fc.uniqueArray(user), fc.option(user, { nil: undefined })).map(([actor, mentioned, replyTo]) => said(actor, mentioned, replyTo, 0)),
  fc.tuple(user, fc.uniqueArray(user, { minLength: 1 })).map(([actor, users]) => ({ ...joined(actor, ...users) })),
  user.map((who) => left(who)),
);
const people = fc.record(
  Object.fromEntries(
    USERS.map((name) => [
      name,
      fc.record({ joined: fc.boolean(), readSeq: fc.nat(10), muted: fc.boolean(), kindsOff: fc.uniqueArray(fc.constantFrom(...KINDS)) }),
    ]),
  ),
);
const numbered = (facts: readonly NamedFact[]): NamedFact[] => facts.map((one, place) => ({ ...one, fact: { ...one.fact, seq: place + 1 } }));

test('whatever happens: one notice a person and event, of a kind they want, never of their own doing, never of the past', () => {
  fc.assert(
    fc.property(people, fc.array(fact, { maxLength: 20 }), fc.nat(10), (given, facts, past) => {
      const thread = state(given, past);
      const { notices } = plan(thread, numbered(facts));
      expect(new Set(notices.map(({ user: who, threadSeq }) => `${who} ${threadSeq}`)).size).toBe(notices.length);
      for (const { user: who, by, kind, threadSeq, message } of notices) {
        expect(who).not.toBe(by);
        expect(threadSeq).toBeGreaterThan(past);
        expect(given[who]?.muted).toBe(false);
        expect(given[who]?.kindsOff).not.toContain(kind);
        expect(message === null).toBe(kind === 'added');
      }
      expect(thread.members).toBe([...thread.people.values()].filter((one) => one.joined).length);
    }),
  );
});

test('two pages say what one says', () => {
  fc.assert(
    fc.property(people, fc.array(fact, { maxLength: 20 }), fc.nat(20), (given, facts, cut) => {
      const all = numbered(facts);
      const [once, twice] = [state(given), state(given)];
      const whole = plan(once, all);
      const parts = [plan(twice, all.slice(0, cut)), plan(twice, all.slice(cut))];
      expect(parts.flatMap(({ notices }) => notices)).toEqual(whole.notices);
      expect(parts.flatMap(({ readings }) => readings)).toEqual(whole.readings);
      expect([...twice.people]).toEqual([...once.people]);
      expect(twice.members).toBe(once.members);
    }),
  );
});
