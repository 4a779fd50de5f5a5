import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Rider, TICK_MS, Wheel } from './wheel.ts';

interface Named extends Rider {
  readonly name: number;
}
const rider = (name: number): Named => ({ name, slot: -1, slotIndex: -1, dueTick: 0, dueIndex: -1 });

describe('the wheel', () => {
  it('pings first after a random half to full period, then once a period, and checks each ping', () => {
    for (const dice of [0, 0.3, 0.999]) {
      const wheel = new Wheel<Named>(25_000, 8_000, () => dice);
      const one = rider(1);
      wheel.board(one);
      const pings: number[] = [];
      const checks: number[] = [];
      for (let tick = 1; tick <= 1_000; tick++) {
        const { ping, check } = wheel.turn();
        if (ping.includes(one)) pings.push(tick);
        if (check.includes(one)) checks.push(tick);
      }
      expect(pings[0]).toBeGreaterThanOrEqual(125);
      expect(pings[0]).toBeLessThanOrEqual(250);
      for (let at = 1; at < pings.length; at++) expect(pings[at]! - pings[at - 1]!).toBe(250);
      for (const tick of pings) if (tick + 80 <= 1_000) expect(checks).toContain(tick + 80);
    }
  });

  it('has every rider that boarded and did not leave, whatever the order', () => {
    const step = record({ who: integer({ min: 0, max: 30 }), does: constantFrom('board', 'leave', 'turn') });
    assert(
      property(array(step, { maxLength: 200 }), (steps) => {
        const wheel = new Wheel<Named>(1_000, 300);
        const all = Array.from({ length: 31 }, (_, name) => rider(name));
        const aboard = new Set<Named>();
        for (const { who, does } of steps) {
          const one = all[who]!;
          if (does === 'turn') wheel.turn();
          else if (does === 'board' && !aboard.has(one)) {
            wheel.board(one);
            aboard.add(one);
          } else if (does === 'leave') {
            wheel.leave(one);
            aboard.delete(one);
          }
        }
        const seen = new Set<Named>();
        for (let tick = 0; tick < 10; tick++) for (const one of wheel.turn().ping) seen.add(one);
        expect(seen).toEqual(aboard);
      }),
    );
  });

  it('is due once, at its time and never earlier', () => {
    assert(
      property(integer({ min: 0, max: 60_000 }), (afterMs) => {
        const wheel = new Wheel<Named>(25_000, 8_000);
        const one = rider(1);
        wheel.deadline(one, afterMs);
        const due: number[] = [];
        for (let tick = 1; tick <= 700; tick++) if (wheel.turn().due.includes(one)) due.push(tick * TICK_MS);
        expect(due).toHaveLength(1);
        expect(due[0]).toBeGreaterThanOrEqual(afterMs);
        expect(due[0]).toBeLessThanOrEqual(Math.max(TICK_MS, afterMs + TICK_MS));
      }),
      { numRuns: 50 },
    );
  });

  it('is due at the earliest of its deadlines', () => {
    const wheel = new Wheel<Named>(25_000, 8_000);
    const one = rider(1);
    wheel.deadline(one, 10_000);
    wheel.deadline(one, 5_000);
    wheel.deadline(one, 60_000);
    const due: number[] = [];
    for (let tick = 1; tick <= 700; tick++) if (wheel.turn().due.includes(one)) due.push(tick);
    expect(due).toEqual([50]);
  });

  it('keeps nothing of who has left, or of a deadline that an earlier one has replaced', () => {
    const wheel = new Wheel<Named>(25_000, 8_000);
    const riders = Array.from({ length: 1_000 }, (_, name) => rider(name));
    for (const one of riders) {
      wheel.board(one);
      wheel.deadline(one, 600_000 + one.name);
      wheel.deadline(one, 10_000 + 100 * (one.name % 7));
    }
    expect(wheel.awaited).toBe(1_000);
    for (const one of riders) if (one.name % 3 !== 0) wheel.leave(one);
    expect(wheel.awaited).toBe(334);
    const due = new Set<Named>();
    for (let tick = 1; tick <= 200; tick++) for (const one of wheel.turn().due) due.add(one);
    expect([...due].map(({ name }) => name).toSorted((a, b) => a - b)).toEqual(riders.map(({ name }) => name).filter((name) => name % 3 === 0));
    expect(wheel.awaited).toBe(0);
    for (const one of riders) wheel.leave(one);
    for (let tick = 1; tick <= 250; tick++) expect(wheel.turn().ping).toEqual([]);
  });
});
