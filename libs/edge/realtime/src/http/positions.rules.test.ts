import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPositions, parsePositions } from './positions.rules.ts';

const two = [
  { channel: 'thread:1', epoch: 'e1', seq: 5 },
  { channel: 'news:a', epoch: 'e2', seq: 0 },
];

test('what was formatted is read again, for the channels asked for', () => {
  const text = formatPositions(two);
  expect(parsePositions(text, ['news:a', 'thread:1', 'new:one'])).toEqual(
    new Map([
      ['news:a', { epoch: 'e2', seq: 0 }],
      ['thread:1', { epoch: 'e1', seq: 5 }],
    ]),
  );
});

test('fits an id line, an ETag and a header', () => {
  const many = Array.from({ length: 128 }, (_, n) => ({ channel: `thread:${n}`, epoch: 'abcdefgh', seq: 1_000_000 }));
  expect(formatPositions(many)).toMatch(/^[\x21\x23-\x7e]+$/);
  expect(formatPositions(many).length).toBeLessThan(5_000);
});

test.each(['', ';', 'x', '12', 'e:5', 'AAAAAAAA', 'AAAAAAAA=', 'AAAAAAAA=x:y', 'AAAAAAAA=e:1;', 'AAAAAAAA=e:-1', 'AAAAAAAA=e:1\r\nid: 2'])(
  '%j is no token of ours',
  (text) => {
    expect(parsePositions(text, ['thread:1'])).toBeUndefined();
  },
);

test('bounds what it reads', () => {
  const parts = (count: number): string => Array.from({ length: count }, () => 'AAAAAAAA=e:1').join(';');
  expect(parsePositions(parts(128), [])).toEqual(new Map());
  expect(parsePositions(parts(129), [])).toBeUndefined();
  expect(parsePositions(`AAAAAAAA=${'e'.repeat(20_000)}:1`, [])).toBeUndefined();
});

test('no text throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void parsePositions(text, ['thread:1'])));
});
