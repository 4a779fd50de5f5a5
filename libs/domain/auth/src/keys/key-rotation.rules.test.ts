import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentKey, type KeyTimes, planRotation, type RotationRule } from './key-rotation.rules.ts';

const RULE: RotationRule = { rotationMs: 1000, leadMs: 100, longestTokenMs: 50 };
const key = (kid: string, useFrom: number): KeyTimes => ({ kid, useFrom });

describe('rotation of keys', () => {
  it('begins with one key that signs and one that will', () => {
    expect(planRotation([], 5000, RULE)).toEqual({ create: [5000, 6000], retire: [] });
  });

  it('does nothing while both are there', () => {
    expect(planRotation([key('a', 0), key('b', 1000)], 999, RULE)).toEqual({ create: [], retire: [] });
  });

  it('makes the one after next when the next takes over, and retires the old one after its last token', () => {
    const keys = [key('a', 0), key('b', 1000)];
    expect(currentKey(keys, 1000)?.kid).toBe('b');
    expect(planRotation(keys, 1000, RULE)).toEqual({ create: [2000], retire: [] });
    expect(planRotation([...keys, key('c', 2000)], 1049, RULE).retire).toEqual([]);
    expect(planRotation([...keys, key('c', 2000)], 1050, RULE).retire).toEqual(['a']);
  });

  it('after a long sleep still publishes a key before it is used', () => {
    expect(planRotation([key('a', 0), key('b', 1000)], 50_000, RULE)).toEqual({ create: [50_100], retire: ['a'] });
  });

  it('at any time has a key that signs, one published ahead, and keeps every key that a living token may name', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }), (pauses) => {
        let keys: KeyTimes[] = [];
        let now = 0;
        const published = new Map<string, number>();
        const signedAt = new Map<string, number>();
        for (const pause of pauses) {
          now += pause;
          const { create, retire } = planRotation(keys, now, RULE);
          for (const kid of retire) expect(now - (signedAt.get(kid) ?? -Infinity)).toBeGreaterThanOrEqual(RULE.longestTokenMs);
          const made = create.map((useFrom) => key(`${now}-${useFrom}`, useFrom));
          const first = keys.length === 0;
          for (const { kid, useFrom } of made) {
            published.set(kid, now);
            if (!first) expect(useFrom - now).toBeGreaterThanOrEqual(RULE.leadMs);
          }
          keys = [...keys.filter(({ kid }) => !retire.includes(kid)), ...made];
          const signing = currentKey(keys, now);
          expect(signing).toBeDefined();
          expect(keys.some(({ useFrom }) => useFrom > now)).toBe(true);
          signedAt.set(signing!.kid, now);
        }
      }),
    );
  });
});
