import { eventually } from '@veche/testing';
import { EventSource } from 'eventsource';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, createThread, demand, type Person, register } from '../src/people.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

let server: Veche;
let anna: Person;
let boris: Person;
let count = 0;
const open: (() => void)[] = [];

beforeAll(async () => {
  server = await startVeche({
    env: {
      HTTP_REQUESTS_PER_MINUTE: '1000000',
      GATEWAY_MESSAGES_PER_MINUTE: '1000000',
      GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8',
      NOTIFICATION_ABSENT_AFTER_MS: '500',
      NOTIFICATION_SWEEP_INTERVAL_MS: '1000',
    },
  });
});
afterAll(async () => {
  for (const close of open) close();
  expect(server.log).not.toMatch(/unhandled|uncaught/i);
  await server.stop();
});

interface Notice {
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly thread: string;
  readonly thread_seq: number;
  readonly message_id?: string;
  readonly by: string;
  readonly read: boolean;
}
interface Page {
  readonly notices: readonly Notice[];
  readonly unread: number;
  readonly seq: number;
  readonly next: string | null;
}

const people = async (): Promise<void> => {
  count++;
  [anna, boris] = [await register(server.origin, `anna${count}`), await register(server.origin, `boris${count}`)];
};
const get = <T>(person: Person, path: string): Promise<T> => demand<T>(server.origin, 'GET', path, { token: person.token });
const post = <T>(person: Person, path: string, body: unknown = {}, verb = 'POST'): Promise<T> =>
  demand<T>(server.origin, verb, path, { token: person.token, body });
const say = (person: Person, channel: string, text: string, more: object = {}): Promise<{ id: string; seq: number }> =>
  post(person, `/chat/threads/${channel.slice('thread:'.length)}/messages`, { text, ...more });
const list = (person: Person, query = ''): Promise<Page> => get<Page>(person, `/notifications${query}`);
/** Waits until somebody was told exactly this, the oldest first; what they were told else is in the error. */
async function told(person: Person, ...kinds: string[]): Promise<void> {
  let seen = '';
  await eventually(
    async () =>
      (seen = (await list(person)).notices
        .map(({ kind }) => kind)
        .toReversed()
        .join(', ')) === kinds.join(', '),
  ).catch((error: unknown) => {
    throw new Error(`expected ${kinds.join(', ')}; was told ${seen}`, { cause: error });
  });
}

/** Events of the inbox as each kind of door shows them: [kind, unread]. */
interface Listener {
  readonly shown: (readonly [string, number])[];
}
const shownOf = ({ kind, data }: { kind: string; data: { unread?: number } }): readonly [string, number] => [
  kind.replace(/^notification\.|\.v1$/g, ''),
  data.unread ?? -1,
];

async function onSocket({ id, token }: Person): Promise<Listener> {
  const shown: (readonly [string, number])[] = [];
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/realtime/ws`, { headers: { authorization: `Bearer ${token}` } });
  open.push(() => socket.terminate());
  const joined = Promise.withResolvers<void>();
  socket.on('open', () => socket.send(JSON.stringify({ type: 'join', channel: `user:${id}`, after: '0' })));
  socket.on('message', (text) => {
    const message = JSON.parse(String(text)) as { type: string; kind: string; data: { unread?: number } };
    if (message.type === 'joined') joined.resolve();
    if (message.type === 'event' && message.kind.startsWith('notification.')) shown.push(shownOf(message));
  });
  await joined.promise;
  return { shown };
}

async function onStream({ id, token }: Person): Promise<Listener> {
  const shown: (readonly [string, number])[] = [];
  const source = new EventSource(`${server.origin}/realtime/events?channel=user:${id}&after=0`, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } }),
  });
  open.push(() => source.close());
  source.addEventListener('message', ({ data }) => {
    const event = JSON.parse(String(data)) as { kind: string; data: { unread?: number } };
    if (event.kind.startsWith('notification.')) shown.push(shownOf(event));
  });
  await eventually(() => source.readyState === source.OPEN);
  return { shown };
}

it('a mention is in the list, on the badge and on every open door; reading it is too', async () => {
  await people();
  const listeners = [await onSocket(boris), await onStream(boris)];
  const { channel } = await createThread(server.origin, anna, 'Plans', [boris]);
  const { id, seq } = await say(anna, channel, `@${boris.login} shall we?`);
  await told(boris, 'added', 'mention');
  const { notices, unread } = await list(boris);
  expect(unread).toBe(2);
  expect(notices[0]).toMatchObject({ kind: 'mention', thread: channel, thread_seq: seq, message_id: id, by: anna.id, read: false });
  expect(await get(boris, '/notifications/badge')).toEqual({ unread: 2, seq: notices[0]!.seq });

  expect(await post(boris, `/notifications/${notices[0]!.id}/read`)).toMatchObject({ id: expect.any(String) as string });
  expect(await post(boris, `/notifications/${notices[0]!.id}/read`)).toMatchObject({ id: null });
  await post(boris, '/notifications/read', { through: notices[0]!.seq });
  const expected = [
    ['notified', 1],
    ['notified', 2],
    ['notice-read', 1],
    ['all-notices-read', 0],
  ];
  for (const { shown } of listeners) await eventually(() => JSON.stringify(shown) === JSON.stringify(expected), { what: JSON.stringify(shown) });
  expect((await list(boris)).notices.map(({ read }) => read)).toEqual([true, true]);
  expect((await list(anna)).notices).toEqual([]);
});

it('the same by RPC on a socket, as by REST', async () => {
  await people();
  const { channel } = await createThread(server.origin, anna, 'RPC', [boris]);
  await told(boris, 'added');
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/realtime/ws`, { headers: { authorization: `Bearer ${boris.token}` } });
  open.push(() => socket.terminate());
  const answers = new Map<number, (answer: Record<string, unknown>) => void>();
  socket.on('message', (text) => {
    const answer = JSON.parse(String(text)) as Record<string, unknown>;
    answers.get((answer['id'] ?? answer['ack']) as number)?.(answer);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  let id = 0;
  const rpc = (method: string, data: object = {}): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      answers.set(++id, resolve);
      socket.send(JSON.stringify({ type: 'rpc', id, method, data }));
    });
  expect(JSON.stringify(await rpc('notification.list'))).toContain('"kind":"added"');
  expect(JSON.stringify(await rpc('notification.badge'))).toContain('"unread":1');
  await rpc('notification.set_preferences', { reply: false });
  await rpc('notification.mute', { channel });
  const preferences = { mention: true, reply: false, added: true, absent: true, muted: [channel] };
  expect(JSON.stringify(await rpc('notification.preferences'))).toContain(JSON.stringify(preferences));
  expect(await get(boris, '/notifications/preferences')).toEqual(preferences);
  await rpc('notification.read_all');
  expect(await get(boris, '/notifications/badge')).toMatchObject({ unread: 0 });
  expect(JSON.stringify(await rpc('notification.read', { notice_id: 'x' }))).toContain('bad_request');
  await post(boris, `/notifications/muted/${channel.slice('thread:'.length)}`, { muted: false }, 'PUT');
  expect(await post(boris, '/notifications/preferences', { reply: true }, 'PATCH')).toMatchObject({ id: expect.any(String) as string });
  expect(await get(boris, '/notifications/preferences')).toEqual({ mention: true, reply: true, added: true, absent: true, muted: [] });
});

it('whoever stays away is told once until they have read', async () => {
  await people();
  const { channel } = await createThread(server.origin, anna, 'Away', [boris]);
  for (const text of ['one', 'two', 'three']) await say(anna, channel, text);
  await told(boris, 'added', 'absent');
  const { seq } = await say(anna, channel, 'four');
  await post(boris, `/chat/threads/${channel.slice('thread:'.length)}/read`, { seq });
  await eventually(async () => (await get<Page>(boris, '/notifications/badge')).unread === 0, { what: 'reading the thread reads its notices' });
  await say(anna, channel, 'five');
  await told(boris, 'added', 'absent', 'absent');
});

it('pages and errors are those of every list', async () => {
  await people();
  const { channel } = await createThread(server.origin, anna, 'Pages', [boris]);
  for (let n = 0; n < 4; n++) await say(anna, channel, `@${boris.login} ${n}`);
  await told(boris, 'added', 'mention', 'mention', 'mention', 'mention');
  const first = await list(boris, '?limit=3');
  const second = await list(boris, `?limit=3&after=${first.next}`);
  expect([first.notices.length, second.notices.length, second.next]).toEqual([3, 2, null]);
  const refused = (verb: string, path: string, body?: unknown) =>
    call<{ error: { name: string } }>(server.origin, verb, path, { token: boris.token, ...(body !== undefined && { body }) });
  expect((await refused('GET', '/notifications?limit=0')).body.error.name).toBe('bad_request');
  expect((await refused('GET', '/notifications?after=x')).body.error.name).toBe('bad_request');
  expect(await refused('POST', '/notifications/01900000-0000-7000-8000-000000000000/read', {})).toMatchObject({ status: 404 });
  expect(await refused('POST', `/notifications/${(await list(boris)).notices[0]!.id}/read`, { more: 1 })).toMatchObject({ status: 400 });
  expect(await refused('PATCH', '/notifications/preferences', { mail: true })).toMatchObject({ status: 400 });
  expect((await call(server.origin, 'GET', '/notifications')).status).toBe(401);
});

it('killed while it tells, it tells everybody once', async () => {
  await people();
  const { channel } = await createThread(server.origin, anna, 'Kill', [boris]);
  await told(boris, 'added');
  for (let round = 0; round < 2; round++) {
    await Promise.all(Array.from({ length: 10 }, (_, n) => say(anna, channel, `@${boris.login} ${round} ${n}`)));
    await server.crash();
  }
  // What the dead process was about to tell comes when its lease has run out, behind what was due after it.
  await eventually(async () => (await list(boris)).unread === 21, { timeoutMs: 40_000 });
  const { notices } = await list(boris, '?limit=100');
  expect(new Set(notices.map(({ thread_seq }) => thread_seq)).size).toBe(21);
  expect(notices).toHaveLength(21);
});
