import { type CommandEnvelope, type CommandReply, type Grant, refusal, type Signal, VecheError } from '@veche/contracts';
import { systemClock } from '@veche/platform-messaging';
import { beforeEach, expect, test } from 'vitest';
import type { Limits } from '../limits/limits.ts';
import { OperationRunner } from './operation-runner.ts';
import { SendCommand } from './send-command.ts';
import { SendSignal } from './send-signal.ts';
import { UserDirectory } from './user-directory.ts';
import { UserNames } from './user-names.ts';

const ANNA = { id: 'u-anna', login: 'anna', name: 'Anna' };
const BORIS = { id: 'u-boris', login: 'boris', name: 'Boris' };
const caller = { user: ANNA.id, client: 'c1' };
const config = { RPC_TIMEOUT_MS: 5_000, OPERATIONS_FOREIGN_USERS: false };
const done: CommandReply = { ok: true, id: '0190', seq: 7, epoch: 'e', ts: 1_764_000_000_000 };

let commands: CommandEnvelope[];
let questions: { kind: string; query: unknown }[];
let signals: Signal[];
let reply: CommandReply;
let waitMs: number;
let mayPublish: boolean;

beforeEach(() => {
  commands = [];
  questions = [];
  signals = [];
  reply = done;
  waitMs = 0;
  mayPublish = true;
});

function runner(settings = config): OperationRunner {
  const commandBus = { send: async (command: CommandEnvelope) => (commands.push(command), reply) };
  const requestBus = { ask: async (kind: string, query: unknown) => (questions.push({ kind, query }), { users: usersIn(query) }) };
  const eventBus = { publish: async () => {}, signal: (batch: readonly Signal[]) => void signals.push(...batch), subscribe: () => () => {} };
  const grants = { of: () => fail(), require: async () => (mayPublish ? ({} as Grant) : fail()), confirm: () => fail() };
  const typed = new Set<string>();
  const limits: Limits = {
    message: async () => ({ ok: waitMs === 0, retryAfterMs: waitMs }),
    countMessage: async () => {
      if (waitMs > 0) throw new VecheError('too_many_requests', undefined, [], waitMs);
    },
    typing: (user, channel) => typed.size < typed.add(`${user} ${channel}`).size,
  };
  return new OperationRunner(
    limits,
    new UserNames(new UserDirectory(requestBus, { OPERATIONS_USERS_CACHE_MS: 0 }), settings),
    new SendCommand(commandBus, settings),
    new SendSignal(eventBus, grants, limits),
    requestBus,
  );
}

function usersIn(query: unknown): unknown {
  const { ids = [], logins = [] } = query as { ids?: string[]; logins?: string[] };
  return [ANNA, BORIS].filter((user) => ids.includes(user.id) || logins.includes(user.login));
}

function fail(): never {
  throw new VecheError('permission_denied');
}

const failureOf = async (run: Promise<unknown>): Promise<VecheError> =>
  run.then(
    () => Promise.reject(new Error('was accepted')),
    (error: unknown) => error as VecheError,
  );

test('a message becomes a command of its channel and answers after the owner has', async () => {
  const before = systemClock.now();
  const result = await runner().run('chat.send', { channel: 'thread:1', command_id: 'c-1', text: 'hello' }, caller);
  expect(result).toEqual({ id: '0190', seq: 7, ts: done.ts, command_id: 'c-1' });
  expect(commands[0]).toMatchObject({
    kind: 'chat.send-message.v1',
    channel: 'thread:1',
    actor: ANNA.id,
    command_id: 'c-1',
    data: { text: 'hello' },
    meta: null,
  });
  expect(commands[0]?.deadline).toBeGreaterThanOrEqual(before + 5_000);
});

test('a command without an id is given one, and the answer names it', async () => {
  const result = (await runner().run('chat.send', { channel: 'thread:1', text: 'x' }, caller)) as { command_id: string };
  expect(result.command_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(commands[0]?.command_id).toBe(result.command_id);
});

test('a retried creation reaches the same thread, another actor or command another one', async () => {
  const create = async (command_id: string, user = ANNA.id): Promise<string> => {
    const result = (await runner().run('chat.create', { command_id, title: 'News' }, { user, client: '' })) as { channel: string };
    return result.channel;
  };
  const first = await create('one');
  expect(first).toMatch(/^thread:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(await create('one')).toBe(first);
  expect(await create('two')).not.toBe(first);
  expect(await create('one', BORIS.id)).not.toBe(first);
  expect(commands[0]?.channel).toBe(first);
});

test('logins and ids of members become ids, each once', async () => {
  await runner().run('chat.create', { title: 'News', members: ['Boris', BORIS.id, 'anna'] }, caller);
  expect(commands[0]?.data).toEqual({ title: 'News', members: [BORIS.id, ANNA.id] });
});

test('a single user field is resolved as well, and defaults are filled in', async () => {
  await runner().run('chat.add_member', { channel: 'thread:1', user: 'boris' }, caller);
  expect(commands[0]?.data).toEqual({ user: BORIS.id, role: 'member' });
});

test('an unknown login is named and nothing is sent', async () => {
  const error = await failureOf(runner().run('chat.create', { title: 'News', members: ['boris', 'nobody'] }, caller));
  expect(error.error).toBe('bad_request');
  expect(error.message).toContain('nobody');
  expect(error.message).not.toContain('boris');
  expect(commands).toEqual([]);
});

test('with users of a foreign issuer an unknown name is an id', async () => {
  await runner({ ...config, OPERATIONS_FOREIGN_USERS: true }).run('chat.create', { title: 'News', members: ['ext|42', 'boris'] }, caller);
  expect(commands[0]?.data).toMatchObject({ members: ['ext|42', BORIS.id] });
});

test('a read marker goes to the inbox of the reader', async () => {
  await runner().run('chat.read', { channel: 'thread:1', seq: 4 }, caller);
  expect(commands[0]).toMatchObject({ channel: `user:${ANNA.id}`, kind: 'chat.mark-read.v1', data: { thread: 'thread:1', seq: 4 } });
});

test('a question is asked in the name of the caller, whatever the client writes', async () => {
  await runner().run('chat.history', { channel: 'thread:1', limit: '5' }, caller);
  expect(questions).toEqual([{ kind: 'chat.list-messages.v1', query: { channel: 'thread:1', limit: 5, user: ANNA.id } }]);
  expect((await failureOf(runner().run('chat.history', { channel: 'thread:1', user: BORIS.id }, caller))).error).toBe('bad_request');
});

test('rules across fields are applied', async () => {
  expect((await failureOf(runner().run('chat.history', { channel: 'thread:1', before: 5, after: 1 }, caller))).message).toContain('before or after');
});

test('over the message limit nothing is sent and the wait is told', async () => {
  waitMs = 1_234;
  const error = await failureOf(runner().run('chat.send', { channel: 'thread:1', text: 'x' }, caller));
  expect([error.error, error.retryAfterMs]).toEqual(['too_many_requests', 1_234]);
  expect(commands).toEqual([]);
});

test('reading is not counted by the message limit', async () => {
  waitMs = 1;
  await runner().run('chat.threads', {}, caller);
  expect(questions).toHaveLength(1);
});

test('a refusal of the owner is the error of the client', async () => {
  reply = { ...refusal('conflict', 'already a member'), retry_after_ms: 10 };
  const error = await failureOf(runner().run('chat.send', { channel: 'thread:1', text: 'x' }, caller));
  expect([error.error, error.message, error.retryAfterMs]).toEqual(['conflict', 'already a member', 10]);
});

test('typing is a signal, and one too soon after the last is taken and dropped', async () => {
  const one = runner();
  expect(await one.run('chat.typing', { channel: 'thread:1' }, caller)).toEqual({});
  expect(await one.run('chat.typing', { channel: 'thread:1' }, caller)).toEqual({});
  await one.run('chat.typing', { channel: 'thread:2' }, caller);
  expect(signals.map((signal) => [signal.channel, signal.kind, signal.actor])).toEqual([
    ['thread:1', 'chat.typing-started.v1', ANNA.id],
    ['thread:2', 'chat.typing-started.v1', ANNA.id],
  ]);
});

test('typing needs the right to publish', async () => {
  mayPublish = false;
  expect((await failureOf(runner().run('chat.typing', { channel: 'thread:1' }, caller))).error).toBe('permission_denied');
  expect(signals).toEqual([]);
});

test.each(['chat.fly', 'toString', '__proto__', ''])('%j is no operation', async (name) => {
  expect((await failureOf(runner().run(name, {}, caller))).error).toBe('not_available');
});

test('nobody in particular may ask nothing', async () => {
  expect((await failureOf(runner().run('chat.threads', {}, { user: '', client: 'c' }))).error).toBe('unauthorized');
});
