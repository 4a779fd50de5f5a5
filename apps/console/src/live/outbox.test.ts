import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { current, dispatch } from '../state/store.ts';
import type { Link } from './link.ts';
import { Outbox } from './outbox.ts';
import { keptCommands } from './vault.ts';

const user = 'u-ada';
const channel = 'thread:1';
const TEMPORARY = { code: 504, message: 'no answer in time', temporary: true };

/** Answers of the server, in order; what was asked is kept. */
class Server {
  readonly asked: { name: string; params: Record<string, unknown> }[] = [];
  answers: (object | Promise<object>)[] = [];
  private seq = 0;

  ask = async (name: string, params: Record<string, unknown>): Promise<object> => {
    this.asked.push({ name, params });
    const answer = await Promise.resolve(this.answers.shift() ?? { seq: ++this.seq });
    if ('code' in answer) throw Object.assign(new Error('refused'), answer);
    return { id: 'x', ts: 1, ...answer };
  };

  get ids(): unknown[] {
    return this.asked.map(({ params }) => params['command_id']);
  }
}

/** Keys of a real storage are own properties of the object, and so they are here; its methods are not listed. */
function memoryStorage(): object {
  const kept: Record<string, string> = {};
  const methods = {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => void (kept[key] = value),
    removeItem: (key: string) => void delete kept[key],
  };
  return Object.setPrototypeOf(kept, methods) as object;
}

let server: Server;
let outbox: Outbox;
const open = (): Outbox => new Outbox(server as unknown as Link, user);
const live = (state: 'live' | 'connecting'): void => dispatch({ type: 'link', link: { state } });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('localStorage', memoryStorage());
  dispatch({ type: 'signed-in', me: { id: user, login: 'ada', name: 'Ada' }, pending: [] });
  live('live');
  server = new Server();
  outbox = open();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  dispatch({ type: 'signed-out' });
});

test('a command whose outcome is unknown is sent again with the same id until it is answered', async () => {
  server.answers = [TEMPORARY, { code: 1, message: 'timeout' }, { seq: 7 }];
  const done = outbox.send('chat.send', channel, { text: 'hello' });
  expect(keptCommands(user)).toHaveLength(1);
  await vi.runAllTimersAsync();
  expect(await done).toMatchObject({ seq: 7 });
  expect(new Set(server.ids).size).toBe(1);
  expect(server.asked).toHaveLength(3);
  expect(keptCommands(user)).toEqual([]);
});

test('the next message of a thread waits for the answer to the one before', async () => {
  const first = Promise.withResolvers<object>();
  server.answers = [first.promise];
  void outbox.send('chat.send', channel, { text: 'one' });
  const second = outbox.send('chat.send', channel, { text: 'two' });
  await vi.runAllTimersAsync();
  expect(server.asked.map(({ params }) => params['text'])).toEqual(['one']);
  first.resolve({ seq: 1 });
  await vi.runAllTimersAsync();
  await second;
  expect(server.asked.map(({ params }) => params['text'])).toEqual(['one', 'two']);
});

test('while the connection is away nothing is sent; when it is back, everything is, in order', async () => {
  live('connecting');
  void outbox.send('chat.send', channel, { text: 'one' });
  void outbox.send('chat.send', channel, { text: 'two' });
  await vi.runAllTimersAsync();
  expect(server.asked).toEqual([]);
  live('live');
  outbox.resume();
  await vi.runAllTimersAsync();
  expect(server.asked.map(({ params }) => params['text'])).toEqual(['one', 'two']);
});

test('a command outlives the page: the next one sends it with its id', async () => {
  live('connecting');
  void outbox.send('chat.send', channel, { text: 'before the reload' });
  outbox.stop();
  const [kept] = keptCommands(user);
  dispatch({ type: 'signed-in', me: { id: user, login: 'ada', name: 'Ada' }, pending: keptCommands(user) });
  live('live');
  open().resume();
  await vi.runAllTimersAsync();
  expect(server.ids).toEqual([kept?.command_id]);
  expect(keptCommands(user)).toEqual([]);
});

test('a refused message keeps its text and its reason, and can be sent again or discarded', async () => {
  server.answers = [{ code: 103, message: 'not permitted' }];
  expect(await outbox.send('chat.send', channel, { text: 'x' })).toBeNull();
  const refused = current().pending[0];
  expect(refused?.refused).toBe('Not permitted.');
  outbox.retry(refused?.command_id ?? '');
  await vi.runAllTimersAsync();
  expect(current().pending.every((command) => command.refused === undefined)).toBe(true);
  expect(server.asked).toHaveLength(2);
});

test('any other refused change is taken back and said', async () => {
  server.answers = [{ code: 103, message: 'only owners may do this' }];
  await outbox.send('chat.rename', channel, { title: 'x' });
  expect(current().pending).toEqual([]);
  expect(current().toast?.text).toBe('Only owners may do this.');
  expect(keptCommands(user)).toEqual([]);
});

test('threads do not wait for each other', async () => {
  server.answers = [new Promise<object>(() => undefined)];
  void outbox.send('chat.send', channel, { text: 'stuck' });
  const other = outbox.send('chat.send', 'thread:2', { text: 'free' });
  await vi.runAllTimersAsync();
  expect(await other).toMatchObject({ seq: 1 });
});
