import { randomUUID } from 'node:crypto';
import {
  AddMember,
  type ChatMessage,
  CreateThread,
  DeleteMessage,
  EditMessage,
  GetMessage,
  GetThread,
  ListMessages,
  MarkRead,
  MessageSent,
  React,
  RemoveMember,
  SendMessage,
  THREAD_ACTIVITY,
  threadChannel,
  ThreadRead,
  userChannel,
} from '@veche/contracts';
import { eventually } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse, refusalOf } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ CHAT_ACTIVITY_MAX_MEMBERS: '4' });
});
afterAll(() => house.stop());

const newThread = async (...members: string[]): Promise<string> => {
  const channel = threadChannel(randomUUID());
  await house.done(CreateThread, channel, 'ann', { title: 'Lunch', members });
  return channel;
};
const say = async (channel: string, actor: string, text: string): Promise<string> => (await house.done(SendMessage, channel, actor, { text })).id ?? '';
const show = (channel: string, message_id: string): Promise<ChatMessage> => house.ask(GetMessage, { user: 'ann', channel, message_id });

test('messages are numbered within their thread, whatever happens in between', async () => {
  const channel = await newThread('bob');
  const ids = [];
  for (const text of ['one', 'two']) ids.push(await say(channel, 'ann', text));
  await house.done(React, channel, 'bob', { message_id: ids[0] ?? '', reaction: '👍' });
  await Promise.all(['three', 'four', 'five'].map((text) => say(channel, 'bob', text)));
  const { messages, last_seq } = await house.ask(ListMessages, { user: 'ann', channel });
  expect(messages.map(({ number, seq, text }) => [number, seq, text])).toEqual([
    [1, 2, 'one'],
    [2, 3, 'two'],
    [3, 5, 'three'],
    [4, 6, 'four'],
    [5, 7, 'five'],
  ]);
  expect(last_seq).toBe(7);
  expect(
    house.events.filter((event) => event.channel === channel && event.kind === MessageSent.kind).map(({ data }) => (JSON.parse(data) as MessageSent).number),
  ).toEqual([1, 2, 3, 4, 5]);
});

test('a message carries its reply and its attachments as they were sent', async () => {
  const channel = await newThread();
  const first = await say(channel, 'ann', 'Привет — שלום — नमस्ते — 你好 — 👋🏽');
  const attachments = [{ url: 'https://files.example/1', size: 12, nested: { a: [null, true] } }];
  const { id, seq, ts } = await house.done(SendMessage, channel, 'ann', { text: 'see', reply_to: first.toUpperCase(), attachments }, 'my-id');
  expect(await show(channel, id ?? '')).toEqual({
    id,
    channel,
    seq,
    number: 2,
    actor: 'ann',
    command_id: 'my-id',
    ts,
    text: 'see',
    reply_to: first,
    attachments,
    reactions: {},
  });
  expect((await show(channel, first)).text).toBe('Привет — שלום — नमस्ते — 你好 — 👋🏽');
});

test('a reply needs a message of the same thread', async () => {
  const [here, there] = [await newThread(), await newThread()];
  const id = await say(there, 'ann', 'elsewhere');
  expect(await house.outcome(SendMessage, here, 'ann', { text: 'what?', reply_to: id })).toBe('not_found');
  expect(await house.outcome(SendMessage, here, 'ann', { text: 'what?', reply_to: randomUUID() })).toBe('not_found');
});

test.each(['a\u0000b', 'half a pair \ud83d', ''])('the text %j is refused and harms nobody else in its batch', async (text) => {
  const channel = await newThread();
  expect(await Promise.all([house.outcome(SendMessage, channel, 'ann', { text }), house.outcome(SendMessage, channel, 'ann', { text: 'fine' })])).toEqual([
    'bad_request',
    'ok',
  ]);
});

test('an attachment may hold what the text may not', async () => {
  const channel = await newThread();
  const attachments = [{ name: 'a\u0000b', half: '\ud83d', deep: [[[{}]]] }];
  const { id } = await house.done(SendMessage, channel, 'ann', { text: 'odd', attachments });
  expect((await show(channel, id ?? '')).attachments).toEqual(attachments);
});

test('edits, reactions and deletion are folded into the message', async () => {
  const channel = await newThread('bob');
  const id = await say(channel, 'ann', 'helo');
  expect(await house.outcome(EditMessage, channel, 'bob', { message_id: id, text: 'mine' })).toBe('permission_denied');
  const { ts } = await house.done(EditMessage, channel, 'ann', { message_id: id, text: 'hello' });
  for (const [user, reaction] of [
    ['bob', '👍'],
    ['ann', '🎉'],
    ['ann', '👍'],
  ] as const)
    await house.done(React, channel, user, { message_id: id, reaction });
  expect(await show(channel, id)).toMatchObject({ text: 'hello', edited_ts: ts, reactions: { '👍': ['bob', 'ann'], '🎉': ['ann'] } });
  await house.done(React, channel, 'bob', { message_id: id, reaction: '👍', remove: true });
  await house.done(React, channel, 'bob', { message_id: id, reaction: '👍' });
  expect((await show(channel, id)).reactions).toEqual({ '👍': ['ann', 'bob'], '🎉': ['ann'] });
  expect(await house.outcome(DeleteMessage, channel, 'bob', { message_id: id })).toBe('permission_denied');
  await house.done(DeleteMessage, channel, 'ann', { message_id: id });
  expect(await show(channel, id)).toMatchObject({ text: '', deleted: true, reactions: {} });
  expect(await house.outcome(EditMessage, channel, 'ann', { message_id: id, text: 'again' })).toBe('conflict');
  expect(await house.outcome(DeleteMessage, channel, 'ann', { message_id: id })).toBe('unchanged');
});

test('a batch of edits and reactions leaves what one after the other would', async () => {
  const channel = await newThread('bob');
  const id = await say(channel, 'ann', 'v0');
  const react = (remove: boolean) => house.outcome(React, channel, 'bob', { message_id: id, reaction: '👍', remove });
  expect(
    await Promise.all([
      ...['v1', 'v2', 'v2', 'v3'].map((text) => house.outcome(EditMessage, channel, 'ann', { message_id: id, text })),
      react(false),
      react(false),
      react(true),
      react(false),
    ]),
  ).toEqual(['ok', 'ok', 'unchanged', 'ok', 'ok', 'unchanged', 'ok', 'ok']);
  expect(await show(channel, id)).toMatchObject({ text: 'v3', reactions: { '👍': ['bob'] } });
});

test('a message of another thread cannot be touched from here', async () => {
  const [here, there] = [await newThread(), await newThread()];
  const id = await say(there, 'ann', 'elsewhere');
  for (const [contract, data] of [
    [EditMessage, { text: 'x' }],
    [DeleteMessage, {}],
    [React, { reaction: 'x' }],
  ] as const)
    expect(await house.outcome(contract, here, 'ann', { message_id: id, ...data } as never)).toBe('not_found');
  expect(await refusalOf(house.ask(GetMessage, { user: 'ann', channel: here, message_id: id }))).toBe('not_found');
  expect(await refusalOf(house.ask(GetMessage, { user: 'mallory', channel: there, message_id: id }))).toBe('permission_denied');
});

test('a message of another thread cannot be touched either in one batch with a command of its own thread', async () => {
  const there = await newThread();
  // Enough of them that some share a queue, hence a batch, with the thread of the message.
  const elsewhere = await Promise.all(Array.from({ length: 40 }, () => newThread()));
  for (const [contract, data] of [
    [React, { reaction: 'x' }],
    [EditMessage, { text: 'theirs' }],
    [DeleteMessage, {}],
  ] as const) {
    const id = await say(there, 'ann', 'mine');
    const touch = (channel: string) => house.outcome(contract, channel, 'ann', { message_id: id, ...data } as never);
    const outcomes = await Promise.all([...elsewhere, there, ...elsewhere].map(touch));
    expect(outcomes[elsewhere.length]).toBe('ok');
    expect(new Set(outcomes.toSpliced(elsewhere.length, 1))).toEqual(new Set(['not_found']));
  }
});

test('history goes both ways and says where the log stands', async () => {
  const channel = await newThread();
  for (let n = 1; n <= 7; n++) await say(channel, 'ann', String(n));
  const texts = async (page: object) => (await house.ask(ListMessages, { user: 'ann', channel, ...page })).messages.map(({ text }) => text).join('');
  expect(await texts({ limit: 3 })).toBe('567');
  expect(await texts({ limit: 3, before: 6 })).toBe('234');
  expect(await texts({ limit: 3, after: 2 })).toBe('234');
  expect(await texts({ limit: 3, before: 2 })).toBe('');
  const { epoch, last_seq } = await house.ask(ListMessages, { user: 'ann', channel, after: 8 });
  expect({ epoch, seq: last_seq }).toEqual({ epoch: (await house.log.position(channel))?.epoch, seq: 8 });
  expect(await refusalOf(house.ask(ListMessages, { user: 'ann', channel, before: 1, after: 1 }))).toBe('bad_request');
  expect(await refusalOf(house.ask(ListMessages, { user: 'mallory', channel }))).toBe('permission_denied');
});

test('unread counts messages behind the marker, and nothing else', async () => {
  const channel = await newThread('bob');
  const unread = async (user: string) => (await house.ask(GetThread, { user, channel })).unread;
  const id = await say(channel, 'ann', 'one');
  await say(channel, 'ann', 'two');
  await house.done(EditMessage, channel, 'ann', { message_id: id, text: 'one!' });
  expect([await unread('ann'), await unread('bob')]).toEqual([0, 2]);
  await house.done(MarkRead, userChannel('bob'), 'bob', { thread: channel, seq: 2 });
  expect(await unread('bob')).toBe(1);
  expect(await house.outcome(MarkRead, userChannel('bob'), 'bob', { thread: channel, seq: 1 })).toBe('unchanged');
  expect(await house.outcome(MarkRead, userChannel('bob'), 'bob', { thread: channel, seq: 1000 })).toBe('ok');
  expect(await unread('bob')).toBe(0);
  await say(channel, 'ann', 'three');
  expect(await unread('bob')).toBe(1);
  await say(channel, 'bob', 'four');
  expect([await unread('ann'), await unread('bob')]).toEqual([1, 0]);
  const inbox = await house.log.read(userChannel('bob'), { after: 0, limit: 10 });
  expect(inbox?.events.map(({ kind, data }) => [kind, JSON.parse(data)])).toEqual([
    [ThreadRead.kind, { thread: channel, seq: 2, number: 1 }],
    [ThreadRead.kind, { thread: channel, seq: 4, number: 2 }],
  ]);
});

test('what was there before one joined is not unread, nor what one read before leaving', async () => {
  const channel = await newThread();
  await say(channel, 'ann', 'before');
  await house.done(AddMember, channel, 'ann', { user: 'late' });
  expect((await house.ask(GetThread, { user: 'late', channel })).unread).toBe(0);
  await say(channel, 'ann', 'after');
  expect((await house.ask(GetThread, { user: 'late', channel })).unread).toBe(1);
  await house.done(RemoveMember, channel, 'late', { user: 'late' });
  await house.done(AddMember, channel, 'ann', { user: 'late' });
  expect((await house.ask(GetThread, { user: 'late', channel })).unread).toBe(0);
});

test('a marker is moved by its own reader, on their own inbox, in a thread of theirs', async () => {
  const channel = await newThread('bob');
  expect(await house.outcome(MarkRead, userChannel('bob'), 'ann', { thread: channel, seq: 1 })).toBe('permission_denied');
  expect(await house.outcome(MarkRead, channel, 'bob', { thread: channel, seq: 1 })).toBe('permission_denied');
  expect(await house.outcome(MarkRead, userChannel('mallory'), 'mallory', { thread: channel, seq: 1 })).toBe('permission_denied');
  expect(await house.log.position(userChannel('mallory'))).toBeUndefined();
});

test('members are told of activity at once, then at most once an interval', async () => {
  const channel = await newThread('told');
  const told = () =>
    house.signals
      .filter((signal) => signal.kind === THREAD_ACTIVITY && signal.channel === userChannel('told'))
      .map(({ data }) => JSON.parse(data) as { last_number: number });
  await say(channel, 'ann', '1');
  await eventually(() => told().length === 1);
  const start = performance.now();
  for (let n = 2; n <= 20; n++) await say(channel, 'ann', String(n));
  await eventually(() => told().length === 2);
  expect(performance.now() - start).toBeGreaterThan(500);
  expect(told().map(({ last_number }) => last_number)).toEqual([1, 20]);
});

test('a thread with too many members sends no activity', async () => {
  const crowd = await newThread('b', 'c', 'd', 'e');
  const few = await newThread('witness');
  await say(crowd, 'ann', 'psst');
  await say(few, 'ann', 'hello');
  await eventually(() => house.signals.some((signal) => signal.channel === userChannel('witness') && signal.kind === THREAD_ACTIVITY));
  expect(house.signals.filter((signal) => signal.kind === THREAD_ACTIVITY && signal.data.includes(crowd))).toEqual([]);
});
