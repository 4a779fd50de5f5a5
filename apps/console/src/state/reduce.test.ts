import { expect, test } from 'vitest';
import { KINDS } from './kinds.ts';
import { type LogEvent, NOTHING, type Pending, type State, type ThreadSummary } from './model.ts';
import { lines } from './pending.rules.ts';
import { type Action, reduce } from './reduce.ts';
import { listed, totalUnread } from './threads.rules.ts';

const channel = 'thread:1';
const ada = { id: 'u-ada', login: 'ada', name: 'Ada' };
const summary = (change: Partial<ThreadSummary> = {}): ThreadSummary => ({
  id: '1',
  channel,
  title: 'Tea',
  role: 'owner',
  members: 2,
  last_seq: 5,
  last_number: 4,
  unread: 1,
  read_seq: 4,
  last_message: null,
  updated_ts: 5,
  ...change,
});
const event = (seq: number, kind: string, data: object, actor = 'u-boris', command_id = `c-${seq}`): LogEvent => ({
  channel,
  seq,
  id: `id-${seq}`,
  kind,
  actor,
  command_id,
  ts: seq,
  data,
});
const said = (seq: number, number: number, actor?: string, command_id?: string): Action => ({
  type: 'event',
  event: event(seq, KINDS.messageSent, { text: `text ${seq}`, number }, actor, command_id),
});
const page = { messages: [], epoch: 'e', last_seq: 5 };
const run = (actions: readonly Action[], from: State = NOTHING): State => actions.reduce(reduce, from);

const START: readonly Action[] = [
  { type: 'signed-in', me: ada, pending: [] },
  { type: 'list-page', threads: [summary()], next: null, first: true },
  { type: 'opened', channel },
  { type: 'page-loaded', channel, page, limit: 50 },
];
const started = run(START);
const thread = (state: State) => state.threads[channel];

const command = (name: Pending['name'], params: Pending['params'], command_id = 'mine'): Pending => ({ command_id, name, channel, params, ts: 9 });
const shown = (state: State) => lines(state.timelines[channel]?.messages ?? [], state.pending, channel, ada.id);

test('unread is the distance between the last number and the marker, whatever else takes a seq', () => {
  const reaction = event(7, KINDS.messageReacted, { message_id: 'id-6', reaction: '👍', removed: false });
  const state = run([said(6, 5), { type: 'event', event: reaction }, said(8, 6)], started);
  expect(thread(state)).toMatchObject({ unread: 3, last_number: 6, last_seq: 8, last_message: { text: 'text 8' } });
});

test('an event that comes twice counts once', () => {
  expect(run([said(6, 5), said(6, 5), said(6, 5)], started)).toEqual(run([said(6, 5)], started));
});

test('a signal of activity counts at once, and the event behind it does not count again', () => {
  const signalled = reduce(started, { type: 'activity', activity: { thread: channel, last_seq: 6, last_number: 5 } });
  expect(thread(signalled)?.unread).toBe(2);
  const arrived = reduce(signalled, said(6, 5));
  expect(thread(arrived)).toMatchObject({ unread: 2, last_message: { text: 'text 6' } });
});

test('an old signal changes nothing', () => {
  expect(reduce(started, { type: 'activity', activity: { thread: channel, last_seq: 3, last_number: 2 } }).threads).toEqual(started.threads);
});

test("one's own message is read", () => {
  expect(thread(run([said(6, 5, ada.id)], started))?.unread).toBe(0);
});

test('a marker from another device moves forward and never back', () => {
  const read = reduce(started, { type: 'read', thread: channel, seq: 5, number: 4 });
  expect(thread(read)?.unread).toBe(0);
  expect(thread(reduce(read, { type: 'read', thread: channel, seq: 2, number: 2 }))?.unread).toBe(0);
  expect(totalUnread(read.threads)).toBe(0);
});

test('an answer that left before the last event does not turn the list back', () => {
  const ahead = reduce(started, said(6, 5));
  const late = reduce(ahead, { type: 'thread', summary: summary({ title: 'Coffee' }) });
  expect(thread(late)).toMatchObject({ last_number: 5, unread: 2, last_message: { text: 'text 6' } });
});

test('events that waited for one that was lost count as soon as it is there', () => {
  const waiting = run([said(7, 6), said(8, 7)], started);
  expect(thread(waiting)?.last_number).toBe(4);
  expect(thread(reduce(waiting, said(6, 5)))).toMatchObject({ last_number: 7, last_seq: 8, last_message: { text: 'text 8' } });
});

test('a message is shown when it is sent, once, and in its place when its event comes', () => {
  const sending = reduce(started, { type: 'pending', command: command('chat.send', { text: 'hello' }) });
  expect(shown(sending).map((line) => [line.text, line.pending?.command_id])).toEqual([['hello', 'mine']]);
  const eventFirst = run([said(6, 5, ada.id, 'mine')], sending);
  expect(shown(eventFirst)).toHaveLength(1);
  expect(reduce(eventFirst, { type: 'answered', command_id: 'mine', seq: 6 }).pending).toEqual([]);
  const answerFirst = reduce(sending, { type: 'answered', command_id: 'mine', seq: 6 });
  expect(shown(answerFirst).map((line) => line.text)).toEqual(['hello']);
  const both = reduce(answerFirst, said(6, 5, ada.id, 'mine'));
  expect(shown(both)).toHaveLength(1);
  expect(both.pending).toEqual([]);
});

test('an edit, a deletion and a reaction are shown before they are answered, and taken back when refused', () => {
  const base = reduce(started, said(6, 5, ada.id));
  const changes: readonly [Pending['name'], object, object][] = [
    ['chat.edit', { text: 'better' }, { text: 'better' }],
    ['chat.delete', {}, { text: '', deleted: true }],
    ['chat.react', { reaction: '👍', remove: false }, { reactions: { '👍': [ada.id] } }],
  ];
  for (const [name, params, expected] of changes) {
    const changed = reduce(base, { type: 'pending', command: command(name, { message_id: 'id-6', ...params }) });
    expect(shown(changed)[0]).toMatchObject(expected);
    expect(shown(reduce(changed, { type: 'dropped', command_id: 'mine' }))).toEqual(shown(base));
  }
});

test('an edit that somebody else follows is not shown over the newer text', () => {
  const edit = command('chat.edit', { message_id: 'id-6', text: 'mine' });
  const answered = run([said(6, 5, ada.id), { type: 'pending', command: edit }, { type: 'answered', command_id: 'mine', seq: 7 }], started);
  const later = run(
    [7, 8].map((seq): Action => ({ type: 'event', event: event(seq, KINDS.messageEdited, { message_id: 'id-6', text: seq === 7 ? 'mine' : 'newer' }) })),
    answered,
  );
  expect(shown(later)[0]?.text).toBe('newer');
  expect(later.pending).toEqual([]);
});

test('a refused message stays with its reason', () => {
  const refused = run(
    [
      { type: 'pending', command: command('chat.send', { text: 'x' }) },
      { type: 'refused', command_id: 'mine', why: 'No.' },
    ],
    started,
  );
  expect(shown(refused)[0]?.pending?.refused).toBe('No.');
});

test('the line above what is new stays where it was when the thread was opened', () => {
  expect(started.opened?.readNumber).toBe(3);
  expect(reduce(started, { type: 'read', thread: channel, seq: 5, number: 4 }).opened?.readNumber).toBe(3);
  const early = run(
    [
      { type: 'opened', channel },
      { type: 'list-page', threads: [summary()], next: null, first: true },
    ],
    run([START[0] as Action]),
  );
  expect(early.opened?.readNumber).toBe(3);
});

test('a first page of threads forgets those that are no longer ours and keeps those of later pages', () => {
  const older = { ...summary({ channel: 'thread:old', updated_ts: 1 }) };
  const both = run([{ type: 'list-page', threads: [older], next: null, first: false }], started);
  const again = reduce(both, { type: 'list-page', threads: [summary({ channel: 'thread:2', updated_ts: 4 })], next: 'more', first: true });
  expect(listed(again.threads).map((one) => one.channel)).toEqual(['thread:2', 'thread:old']);
  expect(Object.keys(reduce(both, { type: 'list-page', threads: [], next: null, first: true }).threads)).toEqual([]);
});

test('who was removed leaves the thread', () => {
  const gone = reduce(started, { type: 'thread-gone', channel });
  expect([gone.threads, gone.timelines, gone.opened]).toEqual([{}, {}, null]);
});

test('presence, typing and members follow the thread', () => {
  const state = run(
    [
      { type: 'here', channel, here: { a: ada.id, a2: ada.id } },
      { type: 'joined', channel, client: 'b', user: 'u-boris' },
      { type: 'left', channel, user: ada.id },
      { type: 'typing', channel, user: 'u-boris', until: 5_000 },
      { type: 'members', channel, members: [{ user: ada.id, role: 'owner' }] },
      { type: 'event', event: event(6, KINDS.memberAdded, { user: 'u-boris', role: 'member' }) },
    ],
    started,
  );
  expect(state.opened).toMatchObject({ here: { b: 'u-boris' }, typing: { 'u-boris': 5_000 }, members: [{ user: ada.id }, { user: 'u-boris' }] });
  expect(thread(state)?.members).toBe(3);
  expect(reduce(state, { type: 'swept', now: 6_000 }).opened?.typing).toEqual({});
  expect(reduce(state, said(7, 5)).opened?.typing).toEqual({});
});

test('what belongs to another thread does not touch the open one', () => {
  expect(reduce(started, { type: 'joined', channel: 'thread:2', client: 'b', user: 'u-boris' })).toBe(started);
});
