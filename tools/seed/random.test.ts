import { expect, test } from 'vitest';
import { Chance, uuidOf, Zipf } from './random.ts';

test('the same key gives the same chance, another key another', () => {
  const draw = (key: string) => {
    const chance = new Chance(key);
    return Array.from({ length: 5 }, () => chance.next());
  };
  expect(draw('a')).toEqual(draw('a'));
  expect(draw('a')).not.toEqual(draw('b'));
  expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuidOf('a')).not.toBe(uuidOf('b'));
});

test('the first rank is drawn about twice as often as the second', () => {
  const [zipf, chance, drawn] = [new Zipf(100, 1), new Chance('zipf'), new Map<number, number>()];
  for (let i = 0; i < 20_000; i++) {
    const rank = zipf.draw(chance);
    drawn.set(rank, (drawn.get(rank) ?? 0) + 1);
  }
  const ratio = (drawn.get(0) ?? 0) / (drawn.get(1) ?? 1);
  expect(ratio).toBeGreaterThan(1.7);
  expect(ratio).toBeLessThan(2.3);
  expect([...drawn.keys()].every((rank) => rank >= 0 && rank < 100)).toBe(true);
});

test.each([0, 1, 7, 100_000])('%i things are shared out to the last', (total) => {
  const shares = new Zipf(5000, 1).shares(total);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
});
