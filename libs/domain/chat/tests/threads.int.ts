import { randomUUID } from 'node:crypto';
import {
  AddMember,
  AuthorizeThread,
  AuthorizeThreads,
  CreateThread,
  GetThread,
  ListMembers,
  ListThreads,
  MarkRead,
  MEMBERSHIP_CHANGED,
  RemoveMember,
  RenameThread,
  SendMessage,
  SetRole,
  threadChannel,
  userChannel,
} from '@veche/contracts';
import { eventually } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse, refusalOf } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const newThread = async (members: string[] = ['bob'], owner = 'ann'): Promise<string> => {
  const channel = threadChannel(randomUUID());
  await house.done(CreateThread, channel, owner, { title: 'Lunch', members });
  return channel;
};

test('a thread is created once, by whoever owns it then', async () => {
  const channel = await newThread(['bob', 'ann', 'bob', 'cid']);
  expect(await house.ask(ListMembers, { user: 'bob', channel })).toEqual({
    members: [
      { user: 'ann', role: 'owner' },
      { user: 'bob', role: 'member' },
      { user: 'cid', role: 'member' },
    ],
    next: null,
  });
  expect(await house.outcome(CreateThread, channel, 'mallory', { title: 'Mine now' })).toBe('conflict');
});

test('two creations of one thread in one batch leave one thread', async () => {
  const channel = threadChannel(randomUUID());
  const outcomes = await Promise.all(['ann', 'bob'].map((user) => house.outcome(CreateThread, channel, user, { title: user })));
  expect(outcomes).toEqual(['ok', 'conflict']);
});

test('many are authorised at once as each would be alone, in the order asked for', async () => {
  const [one, two] = [await newThread(['bob']), await newThread(['cid'], 'bob')];
  await house.done(AddMember, one, 'ann', { user: 'dan', role: 'reader' });
  const asks = [
    [one, 'ann'],
    [two, 'ann'],
    ['thread:none', 'ann'],
    [two, 'bob'],
    [one, 'dan'],
    [one, 'ann'],
  ].map(([channel, user]) => ({ channel: channel!, subject: { user: user! } }));
  const { outcomes } = await house.ask(AuthorizeThreads, { asks });
  expect(outcomes).toEqual(await Promise.all(asks.map(async (query) => ({ grant: await house.ask(AuthorizeThread, query) }))));
});

test('members come and go, and their rights with them', async () => {
  const channel = await newThread();
  expect(await house.outcome(SendMessage, channel, 'cid', { text: 'let me in' })).toBe('permission_denied');
  expect(await house.outcome(AddMember, channel, 'bob', { user: 'cid' })).toBe('permission_denied');
  expect(await house.outcome(AddMember, channel, 'ann', { user: 'cid', role: 'reader' })).toBe('ok');
  expect(await house.outcome(SendMessage, channel, 'cid', { text: 'only reading' })).toBe('permission_denied');
  expect(await house.outcome(SetRole, channel, 'ann', { user: 'cid', role: 'member' })).toBe('ok');
  expect(await house.outcome(SendMessage, channel, 'cid', { text: 'hello' })).toBe('ok');
  expect(await house.outcome(RemoveMember, channel, 'ann', { user: 'cid' })).toBe('ok');
  expect(await house.outcome(SendMessage, channel, 'cid', { text: 'still here?' })).toBe('permission_denied');
  expect((await house.ask(GetThread, { user: 'ann', channel })).members).toBe(2);
});

test('commands of one batch meet what the earlier ones changed', async () => {
  const channel = await newThread();
  const outcomes = await Promise.all([
    house.outcome(AddMember, channel, 'ann', { user: 'dan', role: 'admin' }),
    house.outcome(AddMember, channel, 'dan', { user: 'eve' }),
    house.outcome(AddMember, channel, 'dan', { user: 'eve' }),
    house.outcome(SetRole, channel, 'ann', { user: 'dan', role: 'owner' }),
    house.outcome(RemoveMember, channel, 'ann', { user: 'ann' }),
    house.outcome(RenameThread, channel, 'ann', { title: 'Not mine any more' }),
    house.outcome(RenameThread, channel, 'dan', { title: 'Dinner' }),
    house.outcome(RemoveMember, channel, 'dan', { user: 'dan' }),
  ]);
  expect(outcomes).toEqual(['ok', 'ok', 'unchanged', 'ok', 'ok', 'permission_denied', 'ok', 'conflict']);
  expect(await house.ask(GetThread, { user: 'dan', channel })).toMatchObject({ title: 'Dinner', role: 'owner', members: 3 });
});

test('a command sent twice is applied once, also when it is not allowed any more', async () => {
  const channel = await newThread();
  const id = randomUUID();
  const first = await house.done(SendMessage, channel, 'bob', { text: 'once' }, id);
  await house.done(RemoveMember, channel, 'bob', { user: 'bob' });
  expect(await house.send(SendMessage, channel, 'bob', { text: 'once' }, id)).toEqual(first);
  expect((await house.ask(GetThread, { user: 'ann', channel })).last_number).toBe(1);
});

test('a stranger learns nothing: not whether there is such a thread', async () => {
  const there = await newThread();
  const nowhere = threadChannel(randomUUID());
  const subject = { user: 'mallory', caps: [{ channels: ['*'], allow: ['subscribe' as const, 'history' as const] }] };
  expect(await house.ask(AuthorizeThread, { channel: there, subject })).toEqual(await house.ask(AuthorizeThread, { channel: nowhere, subject }));
  expect(await house.ask(AuthorizeThread, { channel: there, subject })).toMatchObject({
    subscribe: false,
    publish: false,
    history: false,
    presence: false,
    needs_token: false,
  });
  for (const contract of [GetThread, ListMembers])
    for (const channel of [there, nowhere]) expect(await refusalOf(house.ask(contract, { user: 'mallory', channel }))).toBe('permission_denied');
});

test('the grant follows the role', async () => {
  const channel = await newThread();
  await house.done(AddMember, channel, 'ann', { user: 'rea', role: 'reader' });
  const grant = (user: string) => house.ask(AuthorizeThread, { channel, subject: { user } });
  expect(await grant('bob')).toMatchObject({ subscribe: true, publish: true, history: true, presence: true });
  expect(await grant('rea')).toMatchObject({ subscribe: true, publish: false, history: true, presence: true });
  expect(await grant('')).toMatchObject({ subscribe: false });
});

test('whoever is added or removed is told on their inbox', async () => {
  const channel = await newThread([], 'olga');
  await house.done(AddMember, channel, 'olga', { user: 'told', role: 'reader' });
  await house.done(SetRole, channel, 'olga', { user: 'told', role: 'admin' });
  await house.done(RemoveMember, channel, 'olga', { user: 'told' });
  const told = () =>
    house.signals
      .filter((signal) => signal.channel === userChannel('told') && signal.kind === MEMBERSHIP_CHANGED)
      .map(({ data }) => JSON.parse(data) as object);
  await eventually(() => told().length === 3);
  expect(told()).toEqual([
    { thread: channel, role: 'reader' },
    { thread: channel, role: 'admin' },
    { thread: channel, role: null },
  ]);
});

test('the list is paged, latest first, with exact unread counts and the last message', async () => {
  const threads: string[] = [];
  for (let i = 0; i < 5; i++) {
    const channel = await newThread(['lena'], 'lars');
    for (let n = 0; n <= i; n++) await house.done(SendMessage, channel, 'lars', { text: `${i}-${n}` });
    threads.push(channel);
  }
  await house.done(MarkRead, userChannel('lena'), 'lena', { thread: threads[4] ?? '', seq: 3 });
  await house.done(SendMessage, threads[1] ?? '', 'lena', { text: 'mine' });
  const first = await house.ask(ListThreads, { user: 'lena', limit: 3 });
  const second = await house.ask(ListThreads, { user: 'lena', limit: 3, after: first.next ?? '' });
  expect(second.next).toBeNull();
  const rows = [...first.threads, ...second.threads].map(({ channel, unread, last_message }) => [threads.indexOf(channel), unread, last_message?.text]);
  expect(rows).toEqual([
    [1, 0, 'mine'],
    [4, 3, '4-4'],
    [3, 4, '3-3'],
    [2, 3, '2-2'],
    [0, 1, '0-0'],
  ]);
  expect(await refusalOf(house.ask(ListThreads, { user: 'lena', after: "1'; DROP TABLE thread" }))).toBe('bad_request');
});

test('members are paged, owners first', async () => {
  const channel = await newThread(['m1', 'm2', 'm3']);
  await house.done(SetRole, channel, 'ann', { user: 'm3', role: 'owner' });
  const first = await house.ask(ListMembers, { user: 'm1', channel, limit: 2 });
  const second = await house.ask(ListMembers, { user: 'm1', channel, limit: 2, after: first.next ?? '' });
  expect([...first.members, ...second.members].map(({ user }) => user)).toEqual(['ann', 'm3', 'm1', 'm2']);
});
