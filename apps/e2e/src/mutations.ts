/** Requests that no honest client makes, out of ones that they do: the same for the same seed. */

export type Random = () => number;

/** mulberry32: enough to wander about with. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  -(2 ** 53),
  1e308,
  '',
  ' ',
  '\0',
  '\ud800',
  '\u2028',
  'x'.repeat(5_000),
  "'; DROP TABLE event; --",
  '%00',
  '../../etc/passwd',
  '__proto__',
  'thread:',
  'user:',
  'thread:*',
  'NaN',
  '1e400',
  [],
  {},
  [[[[[[[[[]]]]]]]]],
  { __proto__: null, constructor: { prototype: {} } },
  ['a', 1, null],
];

/** Another value in some place of the document. */
export function mutate(value: unknown, random: Random): unknown {
  if (random() < 0.15 || typeof value !== 'object' || value === null) return random() < 0.5 ? pick(random, ODD) : value;
  if (Array.isArray(value)) return value.map((item) => mutate(item, random));
  const entries = Object.entries(value).filter(() => random() > 0.05);
  if (random() < 0.15) entries.push([pick(random, ['__proto__', 'constructor', 'id', 'surprise', '', 'channel', 'data', 'after']), pick(random, ODD)]);
  return Object.fromEntries(entries.map(([key, item]) => [key, mutate(item, random)]));
}

/** The text with bytes cut, doubled or changed; sometimes as it is. */
export function garble(text: string, random: Random): Buffer {
  const bytes = Buffer.from(text);
  const at = Math.floor(random() * bytes.length);
  const kind = random();
  if (kind < 0.6) return bytes;
  if (kind < 0.75) return bytes.subarray(0, at);
  if (kind < 0.85) return Buffer.concat([bytes.subarray(0, at), Buffer.from([Math.floor(random() * 256)]), bytes.subarray(at)]);
  if (kind < 0.95) return Buffer.concat([bytes, pick(random, [Buffer.from('\n'), Buffer.from('}'), bytes])]);
  bytes[at] = Math.floor(random() * 256);
  return bytes;
}

/** A part of an address: another text in its place. */
export function odd(text: string, random: Random): string {
  const value = mutate(text, random);
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return shown.isWellFormed() ? shown : '\u2028';
}
