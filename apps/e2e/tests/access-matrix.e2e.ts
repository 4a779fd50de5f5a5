import { randomUUID } from 'node:crypto';
import { OPERATIONS, type OperationName } from '@veche/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNEL_ACCESS, CHANNEL_ACTIONS, NAMESPACES, OPERATION_ACCESS, type Role, ROLES, WITHOUT_THREAD } from '../src/access/table.ts';
import { ApiVisitor, EventsVisitor, type Params, PlainVisitor, RestVisitor, V2Visitor, type Visitor } from '../src/access/visitors.ts';
import { demand } from '../src/people.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';
import { hmacToken } from '../src/tokens.ts';

const SECRET = 'the secret of the issuer of this test';
const KEY = 'key-of-the-access-matrix';
const MISSING = 'thread:00000000-0000-4000-8000-000000000000';
const EVENT = '01900000-0000-7000-8000-000000000000';
const NAMES = Object.keys(OPERATIONS) as OperationName[];
const DOORS = ['v2 websocket', 'emulation', 'plain socket', 'EventSource', 'poll', 'REST', 'REST with a key'] as const;
type Door = (typeof DOORS)[number];

let server: Veche;
let thread: string;
const visitors = new Map<string, Visitor>();

const tokenOf = (role: Role): string | undefined => (role === 'none' ? undefined : hmacToken(SECRET, { sub: role }));
const asOwner = <T>(verb: string, path: string, body?: unknown): Promise<T> =>
  demand<T>(server.origin, verb, path, { token: tokenOf('owner')!, ...(body !== undefined && { body }) });
const pathOf = (channel: string): string => `/chat/threads/${channel.slice('thread:'.length)}`;

beforeAll(async () => {
  server = await startVeche({
    env: {
      AUTH_HMAC_SECRET: SECRET,
      AUTH_API_KEYS: `test:${KEY}`,
      CLIENT_ALLOW_ANONYMOUS: 'true',
      OPERATIONS_FOREIGN_USERS: 'true',
      GATEWAY_MESSAGES_PER_MINUTE: '1000000',
      HTTP_REQUESTS_PER_MINUTE: '1000000',
      GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8',
      CHANNELS_NAMESPACES: JSON.stringify(NAMESPACES),
    },
  });
  ({ channel: thread } = await asOwner<{ channel: string }>('POST', '/chat/threads', { title: 'the thread', members: ['admin', 'member', 'reader'] }));
  for (const role of ['admin', 'reader']) await asOwner('PATCH', `${pathOf(thread)}/members/${role}`, { role });
  for (const { name } of NAMESPACES as { name: string }[]) {
    const channel = name === 'members' ? 'members:a#member' : `${name}:a`;
    await fetch(`${server.origin}/api/publish`, { method: 'POST', headers: { 'x-api-key': KEY }, body: JSON.stringify({ channel, data: 'before' }) });
  }
});

afterAll(async () => {
  for (const visitor of visitors.values()) visitor.close();
  expect(server.log).not.toMatch(/unhandled|uncaught/i);
  await server.stop();
});

async function visit(door: Door, role: Role): Promise<Visitor> {
  const known = visitors.get(`${door} ${role}`);
  if (known) return known;
  const token = tokenOf(role);
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const visitor = await {
    'v2 websocket': () => V2Visitor.onSocket(server.origin, token),
    emulation: () => V2Visitor.onStream(server.origin, token),
    'plain socket': () => PlainVisitor.open(server.origin, token),
    EventSource: () => new EventsVisitor(server.origin, token, 'text/event-stream'),
    poll: () => new EventsVisitor(server.origin, token, 'application/json'),
    REST: () => new RestVisitor(server.origin, bearer as Readonly<Record<string, string>>),
    'REST with a key': () => new RestVisitor(server.origin, { 'x-api-key': KEY }),
  }[door]();
  visitors.set(`${door} ${role}`, visitor);
  return visitor;
}

/** What each operation is asked with; what it changes is made anew for each cell. */
async function paramsOf(name: OperationName, channel: string): Promise<Params> {
  const fresh = async (path: string, body: object): Promise<{ id: string }> =>
    channel === thread ? asOwner('POST', `${pathOf(thread)}/${path}`, body) : { id: EVENT };
  const somebody = async (): Promise<string> => {
    const user = `guest-${randomUUID()}`;
    if (channel === thread) await asOwner('POST', `${pathOf(thread)}/members`, { user });
    return user;
  };
  const message = async (): Promise<{ message_id: string }> => ({ message_id: (await fresh('messages', { text: 'hello' })).id });
  const make: Record<OperationName, () => Params | Promise<Params>> = {
    'chat.create': () => ({ title: 'mine', members: [] }),
    'chat.threads': () => ({}),
    'auth.users': () => ({ prefix: 'a' }),
    'chat.thread': () => ({ channel }),
    'chat.rename': () => ({ channel, title: `renamed ${randomUUID()}` }),
    'chat.members': () => ({ channel }),
    'chat.add_member': () => ({ channel, user: `guest-${randomUUID()}` }),
    'chat.set_role': async () => ({ channel, user: await somebody(), role: 'reader' }),
    'chat.remove_member': async () => ({ channel, user: await somebody() }),
    'chat.send': () => ({ channel, text: 'hello' }),
    'chat.history': () => ({ channel }),
    'chat.message': async () => ({ channel, ...(await message()) }),
    'chat.edit': async () => ({ channel, ...(await message()), text: 'edited' }),
    'chat.delete': async () => ({ channel, ...(await message()) }),
    'chat.react': async () => ({ channel, ...(await message()), reaction: '👍' }),
    'chat.read': () => ({ channel, seq: 1 }),
    'chat.typing': () => ({ channel }),
    'notification.list': () => ({}),
    'notification.badge': () => ({}),
    'notification.read': () => ({ notice_id: EVENT }),
    'notification.read_all': () => ({}),
    'notification.preferences': () => ({}),
    'notification.set_preferences': () => ({ absent: true }),
    'notification.mute': () => ({ channel, muted: false }),
  };
  return make[name]();
}

it('has a row for every operation and no other', () => {
  expect(Object.keys(OPERATION_ACCESS).toSorted()).toEqual(NAMES.toSorted());
});

describe.each(['v2 websocket', 'emulation', 'plain socket', 'REST'] as const)('operations by %s', (door) => {
  it.each(ROLES)('as %s', async (role) => {
    const visitor = await visit(door, role);
    const found: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const name of NAMES) {
      found[name] = (await visitor.operate!(name, await paramsOf(name, thread))).outcome;
      expected[name] = OPERATION_ACCESS[name][role];
    }
    expect(found).toEqual(expected);
  });

  it.each(ROLES)('as %s on a thread that does not exist: as a stranger on one that does', async (role) => {
    const [visitor, stranger] = [await visit(door, role), await visit(door, role === 'none' ? 'none' : 'stranger')];
    for (const name of NAMES.filter((one) => !WITHOUT_THREAD.includes(one))) {
      const missing = await visitor.operate!(name, await paramsOf(name, MISSING));
      const forbidden = await stranger.operate!(name, await paramsOf(name, thread));
      expect(plainly(missing.shown, MISSING), name).toBe(plainly(forbidden.shown, thread));
      expect(missing.outcome, name).toBe(role === 'none' ? 'unauthorized' : 'permission_denied');
    }
  });
});

it('no operation is open to the key of a backend', async () => {
  const visitor = await visit('REST with a key', 'none');
  for (const name of NAMES) expect((await visitor.operate!(name, await paramsOf(name, thread))).outcome, name).toBe('unauthorized');
});

/** Doors without a session have no inbox of their own before they ask for it. */
const expectedOf = (channel: string, action: (typeof CHANNEL_ACTIONS)[number], role: Role, door: Door): string => {
  const outcome = CHANNEL_ACCESS[channel]![action][role];
  if (outcome === 'already_subscribed' && door !== 'v2 websocket' && door !== 'emulation') return 'ok';
  // A poll is all history: who may only listen has nothing to poll.
  if (door === 'poll' && action === 'resume' && outcome === 'ok') return CHANNEL_ACCESS[channel]!['history while subscribed'][role];
  return outcome;
};

describe.each(['v2 websocket', 'emulation', 'plain socket', 'EventSource', 'poll'] as const)('channels by %s', (door) => {
  it.each(ROLES)('as %s', async (role) => {
    const visitor = await visit(door, role);
    const [found, expected]: Record<string, string>[] = [{}, {}];
    for (const name of Object.keys(CHANNEL_ACCESS))
      for (const action of CHANNEL_ACTIONS) {
        const said = await visitor.onChannel!(action, realOf(name));
        if (!said) continue;
        found![`${action} ${name}`] = said.outcome;
        expected![`${action} ${name}`] = expectedOf(name, action, role, door);
      }
    expect(found).toEqual(expected);
  });

  it('answers alike for what is forbidden and for what does not exist', async () => {
    const visitor = await visit(door, 'stranger');
    for (const action of CHANNEL_ACTIONS)
      for (const [forbidden, missing] of [
        [thread, MISSING],
        ['user:owner', 'user:missing'],
      ] as const) {
        const [one, other] = [await visitor.onChannel!(action, forbidden), await visitor.onChannel!(action, missing)];
        expect(plainly(one?.shown ?? '', forbidden), `${action} ${forbidden}`).toBe(plainly(other?.shown ?? '', missing));
      }
  });
});

describe('a backend', () => {
  const outcomes = async (headers: Record<string, string>): Promise<string[]> => {
    const visitor = new ApiVisitor(server.origin, headers);
    const found: string[] = [];
    for (const name of Object.keys(CHANNEL_ACCESS))
      for (const action of ['history', 'publish', 'presence'] as const)
        found.push(`${action} ${name} ${(await visitor.onChannel(action, realOf(name)))!.outcome}`);
    return found;
  };

  it('may do with its key what the channel has, and nothing on a namespace that is not configured', async () => {
    // Publishing to a namespace of nobody is refused; an inbox has no presence.
    const refused: Record<string, string> = { 'presence user:owner': 'not_available', 'presence user:missing': 'not_available' };
    const expected = Object.keys(CHANNEL_ACCESS).flatMap((name) =>
      ['history', 'publish', 'presence'].map(
        (action) => `${action} ${name} ${name.startsWith('nowhere:') ? 'unknown_channel' : (refused[`${action} ${name}`] ?? 'ok')}`,
      ),
    );
    expect(await outcomes({ 'x-api-key': KEY })).toEqual(expected);
  });

  it.each([{}, { 'x-api-key': `${KEY}x` }, { authorization: `Bearer ${hmacToken(SECRET, { sub: 'owner' })}` }])('may do nothing with %j', async (headers) => {
    for (const outcome of await outcomes(headers as Record<string, string>)) expect(outcome).toMatch(/unauthorized$/);
  });
});

const realOf = (name: string): string => ({ 'thread:real': thread, 'thread:missing': MISSING })[name] ?? name;
/** The channel's own name, which the asker has said, is no information. */
const plainly = (shown: string, channel: string): string => shown.replaceAll(channel, '<channel>');
