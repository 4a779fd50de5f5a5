import { expect, test } from 'vitest';
import { limitOf, pollAnswer } from './poll-page.rules.ts';

const channel = { channel: 'thread:1', epoch: 'e', seq: 7, recovered: true, more: false, events: ['{"seq":5}', '{"seq":6}', '{"seq":7}'] };

test('one channel is the object itself, tagged with its cursor', () => {
  const { etag, body, isEmpty } = pollAnswer({ cursor: 'e:7', channels: [channel] }, 300);
  expect([etag, isEmpty]).toEqual(['"e:7"', false]);
  expect(JSON.parse(body)).toEqual({ channel: 'thread:1', epoch: 'e', seq: 7, recovered: true, more: false, events: [{ seq: 5 }, { seq: 6 }, { seq: 7 }] });
});

test('a shorter page stands where its last event stands and says that more is there', () => {
  const { etag, body } = pollAnswer({ cursor: 'e:7', channels: [channel] }, 2);
  expect(etag).toBe('"e:6"');
  expect(JSON.parse(body)).toMatchObject({ seq: 6, more: true, events: [{ seq: 5 }, { seq: 6 }] });
});

test('several channels are a list with one cursor', () => {
  const { etag, body } = pollAnswer({ cursor: 'ignored', channels: [channel, { ...channel, channel: 'news:a', events: [] }] }, 300);
  const answer = JSON.parse(body) as { cursor: string; channels: unknown[] };
  expect(answer.channels).toHaveLength(2);
  expect(etag).toBe(`"${answer.cursor}"`);
});

test('a page that lost its place is never empty: the client must hear of it', () => {
  expect(pollAnswer({ cursor: 'e:7', channels: [{ ...channel, events: [], recovered: false }] }, 300).isEmpty).toBe(false);
  expect(pollAnswer({ cursor: 'e:7', channels: [{ ...channel, events: [] }] }, 300).isEmpty).toBe(true);
});

test('limits are whole numbers', () => {
  expect([limitOf(null), limitOf('5'), limitOf('9999')]).toEqual([300, 5, 300]);
  for (const text of ['0', '-1', 'x', '1.5', '', '99999']) expect(() => limitOf(text)).toThrow('limit');
});
