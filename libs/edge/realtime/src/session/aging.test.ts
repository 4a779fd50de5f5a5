import { type CloseRow, DISCONNECTS } from '@veche/contracts';
import { expect, it } from 'vitest';
import { Aging } from './aging.ts';
import type { Session } from './session.ts';

const HOUR = 3_600_000;
let now = 0;

interface Crowd {
  readonly aging: Aging;
  readonly sessions: (Session & { closedAt?: number })[];
  readonly reasons: Set<CloseRow>;
}

function crowd(count: number, { maxAge = HOUR, perSecond = 50, random = Math.random } = {}): Crowd {
  const aging = new Aging({ GATEWAY_MAX_AGE_MS: maxAge, GATEWAY_MAX_AGE_PER_SECOND: perSecond }, () => now, random);
  const reasons = new Set<CloseRow>();
  const session = (): Session & { closedAt?: number } => {
    const one = { oldAt: 0, close: (reason: CloseRow) => (reasons.add(reason), (one.closedAt = now), aging.ended(one)) } as unknown as Session & {
      closedAt?: number;
    };
    return one;
  };
  const sessions = Array.from({ length: count }, session);
  for (const one of sessions) aging.born(one);
  return { aging, sessions, reasons };
}

/** As the heartbeat does: looks at whose time has come, then lets leave whose turn it is. */
function pass(ms: number, { aging, sessions }: Crowd): void {
  for (const end = now + ms; now < end; now += 100) {
    for (const session of sessions) aging.look(session);
    aging.turn();
  }
}

it('spreads those that came at once over two fifths of the age, and asks them to reconnect', () => {
  now = 1_000;
  const all = crowd(400);
  const ages = all.sessions.map((session) => all.aging.left(session)!);
  expect(Math.min(...ages)).toBeGreaterThanOrEqual(HOUR * 0.8);
  expect(Math.max(...ages)).toBeLessThanOrEqual(HOUR * 1.2);
  for (const part of [0.8, 0.9, 1, 1.1]) expect(ages.filter((age) => age >= HOUR * part && age < HOUR * (part + 0.1)).length).toBeGreaterThan(60);
  pass(HOUR * 1.2 + 1_000, all);
  expect(all.sessions.every(({ closedAt }) => closedAt !== undefined)).toBe(true);
  expect([...all.reasons]).toEqual([DISCONNECTS.force_reconnect]);
});

it('lets no more than so many leave in a second, in the order in which they grew old', () => {
  now = 0;
  const all = crowd(500, { perSecond: 20, random: () => 0.5 });
  pass(HOUR, all);
  pass(30_000, all);
  const moments = all.sessions.map(({ closedAt }) => closedAt!);
  expect(moments).toEqual(moments.toSorted((a, b) => a - b));
  // The first second has what was saved up beside its own.
  for (let second = 1; second < 24; second++) expect(moments.filter((at) => at >= HOUR + second * 1_000 && at < HOUR + (second + 1) * 1_000)).toHaveLength(20);
});

it('forgets who went by itself meanwhile', () => {
  now = 0;
  const all = crowd(3, { perSecond: 1, random: () => 0.5 });
  now = HOUR;
  for (const session of all.sessions) all.aging.look(session);
  for (const session of all.sessions) all.aging.ended(session);
  now += 60_000;
  all.aging.turn();
  expect(all.reasons.size).toBe(0);
});

it('knows nobody as old where no age is set', () => {
  now = 0;
  const all = crowd(2, { maxAge: 0 });
  expect(all.sessions.map((session) => [session.oldAt, all.aging.left(session)])).toEqual([
    [0, undefined],
    [0, undefined],
  ]);
  pass(5 * 60_000, all);
  expect(all.reasons.size).toBe(0);
});
