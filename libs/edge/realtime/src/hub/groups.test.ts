import { array, assert, integer, property, record, boolean } from 'fast-check';
import { expect, it } from 'vitest';
import { Groups, VARIANTS } from './groups.ts';
import { Subscription } from './subscription.ts';

it('holds whoever joined and has not left, each once, in the group of its variant', () => {
  const step = record({ who: integer({ min: 0, max: 19 }), joins: boolean() });
  assert(
    property(array(step, { maxLength: 100 }), (steps) => {
      const groups = new Groups();
      const everyone = Array.from({ length: 20 }, (_, at) => new Subscription({ variant: at % VARIANTS } as Subscription['session'], 'c'));
      const inside = new Set<Subscription>();
      for (const { who, joins } of steps) {
        const one = everyone[who]!;
        if (joins && !inside.has(one)) {
          groups.add(one);
          inside.add(one);
        } else if (!joins) {
          groups.remove(one);
          inside.delete(one);
        }
      }
      expect(groups.size).toBe(inside.size);
      expect(new Set(groups.all())).toEqual(inside);
      for (let variant = 0; variant < VARIANTS; variant++) {
        expect(new Set(groups.of(variant) ?? [])).toEqual(new Set([...inside].filter(({ session }) => session.variant === variant)));
      }
    }),
  );
});

it('can be walked from the end while members leave on the way', () => {
  const groups = new Groups();
  const all = Array.from({ length: 50 }, () => new Subscription({ variant: 0 } as Subscription['session'], 'c'));
  for (const one of all) groups.add(one);
  const visited = new Set<Subscription>();
  const group = groups.of(0)!;
  for (let at = group.length - 1; at >= 0; at--) {
    const one = group[at]!;
    visited.add(one);
    if (visited.size % 3 === 0) groups.remove(one);
  }
  expect(visited.size).toBe(50);
});
