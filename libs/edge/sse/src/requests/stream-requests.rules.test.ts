import { VecheError } from '@veche/contracts';
import { formatPositions } from '@veche/edge-realtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelsOf, positionOf, streamRequests } from './stream-requests.rules.ts';

const query = (text: string): URLSearchParams => new URLSearchParams(text);
const errorOf = (run: () => unknown): string => {
  try {
    run();
    return 'accepted';
  } catch (error) {
    return (error as VecheError).error;
  }
};

test('channels are each named once, threads by their ids', () => {
  expect(channelsOf(query('channel=a&channel=news:b&channel=a'), 'channel')).toEqual(['a', 'news:b']);
  expect(channelsOf(query('thread_id=7&channel=a'), 'thread_id')).toEqual(['thread:7']);
});

test.each([
  ['', 'channel', 'bad_request'],
  ['channel=', 'channel', 'bad_request'],
  ['thread_id=', 'thread_id', 'bad_request'],
  ['channel=two words', 'channel', 'unknown_channel'],
  ['channel=*control', 'channel', 'unknown_channel'],
  ['channel=%0d%0aid:1', 'channel', 'unknown_channel'],
  [`channel=${'x'.repeat(129)}`, 'channel', 'unknown_channel'],
  [Array.from({ length: 129 }, (_, n) => `channel=${n}`).join('&'), 'channel', 'limit_exceeded'],
] as const)('%.40j for %s is %s', (text, key, error) => {
  expect(errorOf(() => channelsOf(query(text), key))).toBe(error);
});

test('what the client saw last goes before what its address says', () => {
  const places = { lastEventId: 'e:3', query: query('after=e:2&lastEventId=e:1'), ifNoneMatch: '"e:0"' };
  expect(positionOf(places)).toBe('e:3');
  expect(positionOf({ ...places, lastEventId: undefined })).toBe('e:2');
  expect(positionOf({ ...places, lastEventId: '', query: query('') })).toBe('e:0');
  expect(positionOf({ lastEventId: undefined, query: query(''), ifNoneMatch: 'W/"e:0"' })).toBe('e:0');
  expect(positionOf({ lastEventId: undefined, query: query(''), ifNoneMatch: '*' })).toBeUndefined();
});

test('the tag of a later page goes before an address that stands still', () => {
  const at = (tag: string, text: string) => positionOf({ lastEventId: undefined, query: query(text), ifNoneMatch: `"${tag}"` });
  expect(at('e:7', 'after=e:5')).toBe('e:7');
  expect(at('e:7', 'after=5')).toBe('e:7');
  expect(at('e:4', 'after=e:5')).toBe('e:5');
  expect(at('f:7', 'after=e:5')).toBe('e:5');
  expect(at('junk', 'after=e:5')).toBe('e:5');
});

test('one channel takes a cursor or a bare seq, several the composite', () => {
  expect(streamRequests({ channels: ['a'], after: 'e:3' })).toEqual([{ channel: 'a', after: { epoch: 'e', seq: 3 } }]);
  expect(streamRequests({ channels: ['a'], after: '3' })).toEqual([{ channel: 'a', after: { epoch: '', seq: 3 } }]);
  const after = formatPositions([{ channel: 'b', epoch: 'f', seq: 4 }]);
  expect(streamRequests({ channels: ['a', 'b'], after })).toEqual([{ channel: 'a' }, { channel: 'b', after: { epoch: 'f', seq: 4 } }]);
  expect(streamRequests({ channels: ['a', 'b'], after: undefined })).toEqual([{ channel: 'a' }, { channel: 'b' }]);
});

test.each([
  'x',
  'e:-1',
  'e:1.5',
  'e:1e9',
  'e:01',
  ':5',
  'e:99999999999999999999',
  'e:5\r\ndata: x',
  'e:5\0',
  '\u2028',
  'e: 5',
  'constructor',
  '__proto__',
  ' ',
])('position %j is refused, not guessed at', (after) => {
  expect(errorOf(() => streamRequests({ channels: ['a'], after }))).toBe('bad_request');
});

test('a cursor for several channels is refused: it does not say of which', () => {
  expect(errorOf(() => streamRequests({ channels: ['a', 'b'], after: 'e:3' }))).toBe('bad_request');
});

test('any position is read or refused', () => {
  fc.assert(fc.property(fc.string(), (after) => ['accepted', 'bad_request'].includes(errorOf(() => streamRequests({ channels: ['a'], after })))));
});
