import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KINDS } from './kinds.ts';
import type { LogEvent, Timeline } from './model.ts';
import { applied, extended, hasGap, replaced, timelineOf } from './timeline.rules.ts';

const channel = 'thread:1';
const EMPTY: Timeline = { epoch: 'e', seq: 0, messages: [], complete: true, waiting: [] };

const event = (seq: number, kind: string, data: object, actor = 'ada'): LogEvent => ({
  channel,
  seq,
  id: `id-${seq}`,
  kind,
  actor,
  command_id: `c-${seq}`,
  ts: seq * 1_000,
  data,
});
const sent = (seq: number, text = `text ${seq}`): LogEvent => event(seq, KINDS.messageSent, { text, number: seq });
const play = (events: readonly LogEvent[], from = EMPTY): Timeline => events.reduce(applied, from);
const page = (through: number, events: readonly LogEvent[], last = through) => {
  const folded = play(events.filter((one) => one.seq <= last));
  return { messages: folded.messages.filter((message) => message.seq <= through).map(({ folded_to: _to, ...message }) => message), epoch: 'e', last_seq: last };
};

const log: readonly LogEvent[] = [
  event(1, KINDS.threadCreated, { title: 'Tea', members: [] }),
  sent(2),
  sent(3),
  event(4, KINDS.messageReacted, { message_id: 'id-2', reaction: '👍', removed: false }, 'boris'),
  event(5, KINDS.messageEdited, { message_id: 'id-2', text: 'first edit' }),
  event(6, KINDS.messageReacted, { message_id: 'id-2', reaction: '👍', removed: false }, 'mira'),
  event(7, KINDS.messageReacted, { message_id: 'id-2', reaction: '👍', removed: true }, 'boris'),
  event(8, KINDS.messageDeleted, { message_id: 'id-3' }),
  event(9, KINDS.messageEdited, { message_id: 'id-2', text: 'second edit' }),
  sent(10),
];

test('edits, deletions and reactions are folded into their messages', () => {
  const { messages, seq } = play(log);
  expect(seq).toBe(10);
  expect(messages.map(({ text, deleted = false, edited_ts = 0, reactions }) => ({ text, deleted, edited_ts, reactions }))).toEqual([
    { text: 'second edit', deleted: false, edited_ts: 9_000, reactions: { '👍': ['mira'] } },
    { text: '', deleted: true, edited_ts: 0, reactions: {} },
    { text: 'text 10', deleted: false, edited_ts: 0, reactions: {} },
  ]);
});

test('a reaction that nobody gives any more is gone', () => {
  const events = [
    sent(1),
    event(2, KINDS.messageReacted, { message_id: 'id-1', reaction: '🎉', removed: false }),
    event(3, KINDS.messageReacted, { message_id: 'id-1', reaction: '🎉', removed: true }),
  ];
  expect(play(events).messages[0]?.reactions).toEqual({});
});

test('in whatever order events come and however often, the end is the same', () => {
  const expected = play(log);
  const anyOrder = fc.shuffledSubarray([...log, ...log, ...log], { minLength: log.length * 3 });
  fc.assert(
    fc.property(anyOrder, (events) => {
      expect(play(events)).toEqual(expected);
    }),
  );
});

test('an event before its turn waits and is not shown', () => {
  const ahead = play([sent(1), sent(3)]);
  expect(ahead.messages.map((message) => message.seq)).toEqual([1]);
  expect(hasGap(ahead)).toBe(true);
  const filled = applied(ahead, sent(2));
  expect(filled.messages.map((message) => message.seq)).toEqual([1, 2, 3]);
  expect(hasGap(filled)).toBe(false);
});

test('a page and the events after it give what the whole log gives', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 }), (last) => {
      const events = log.filter((one) => one.seq > last - 3);
      const texts = (timeline: Timeline) => timeline.messages.map(({ text, reactions, deleted = false }) => ({ text, reactions, deleted }));
      expect(texts(play(events, timelineOf(page(last, log), 50)))).toEqual(texts(play(log)));
    }),
  );
});

test('an older page that is folded further than the timeline is not folded twice', () => {
  const short = play(log.slice(0, 4), { ...EMPTY, messages: [], seq: 0 });
  const behind = { ...short, messages: short.messages.slice(1) };
  // The page was read at position 9: events 5 to 9 are in it already.
  const whole = extended(behind, page(2, log, 9), 50);
  expect(whole.messages.map((message) => message.id)).toEqual(['id-2', 'id-3']);
  const halfway = applied(whole, log[4] as LogEvent);
  expect(halfway.messages[0]?.text).toBe('second edit');
  expect(play(log.slice(4), whole).messages[0]).toMatchObject({ text: 'second edit', reactions: { '👍': ['mira'] } });
});

test('a message that is on both pages is shown once', () => {
  const timeline = play(log);
  expect(extended(timeline, page(10, log), 50).messages).toHaveLength(3);
});

test('a short page is the first of the thread, a full one may not be', () => {
  expect(timelineOf(page(10, log), 50).complete).toBe(true);
  expect(timelineOf(page(10, log), 3).complete).toBe(false);
});

test('a new page takes the place of the old one and lets the waiting go on', () => {
  const stuck = play([...log.slice(0, 3), sent(11)]);
  const healed = replaced(stuck, page(10, log), 50);
  expect(healed.seq).toBe(11);
  expect(healed.messages.at(-1)?.text).toBe('text 11');
  expect(hasGap(healed)).toBe(false);
});

test('a new epoch forgets what waited for the old one', () => {
  const stuck = play([sent(1), sent(9)]);
  expect(replaced(stuck, { messages: [], epoch: 'other', last_seq: 4 }, 50)).toMatchObject({ epoch: 'other', seq: 4, waiting: [] });
});
