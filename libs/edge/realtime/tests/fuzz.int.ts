import { anything, array, asyncProperty, assert, constantFrom, dictionary, integer, oneof, record, string } from 'fast-check';
import { eventually } from '@veche/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Doors } from '../src/doors.ts';
import { Sessions } from '../src/session/sessions.ts';
import { Client } from './client.ts';
import { FakeTransport } from './world/fake-transport.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

let world: World;
const unhandled: unknown[] = [];
const note = (error: unknown): number => unhandled.push(error);
beforeAll(async () => {
  process.on('unhandledRejection', note);
  world = await openWorld({ GATEWAY_MESSAGES_PER_MINUTE: '1000000', GATEWAY_CONNECTS_PER_USER: '1000000' });
  world.bus.join('thread:7', 'anna');
});
afterAll(async () => {
  await world.close();
  process.off('unhandledRejection', note);
});

const methods = constantFrom(
  'connect',
  'subscribe',
  'unsubscribe',
  'publish',
  'presence',
  'presence_stats',
  'history',
  'rpc',
  'refresh',
  'sub_refresh',
  'send',
  'ping',
  'dance',
  '__proto__',
  'constructor',
);
const channel = constantFrom(
  'thread:7',
  'thread:8',
  'user:anna',
  'chat:a',
  'keep:a',
  'free:a',
  'secret:a',
  'nowhere:a',
  'a b',
  '',
  'x'.repeat(300),
  '__proto__',
  '*control',
);
const odd = oneof(anything({ maxDepth: 3, withNullPrototype: false }), string({ unit: 'binary' }), integer());
const params = record(
  {
    channel: oneof({ weight: 4, arbitrary: channel }, odd),
    data: odd,
    recover: oneof(constantFrom(true, false), odd),
    offset: oneof(integer({ min: -2, max: 20 }), odd),
    epoch: oneof(constantFrom('', 'zz'), odd),
    since: oneof(record({ offset: integer(), epoch: string() }), odd),
    limit: oneof(integer({ min: -5, max: 1_000 }), odd),
    token: oneof(constantFrom('', 'a.b.c'), odd),
    method: oneof(constantFrom('chat.send', 'chat.threads', 'toString'), odd),
    flag: odd,
  },
  { requiredKeys: [] },
);
const command = record({
  id: oneof({ weight: 8, arbitrary: integer({ min: 1, max: 1_000_000 }) }, odd),
  method: methods,
  params: oneof({ weight: 6, arbitrary: params }, odd),
});
const plain = dictionary(
  constantFrom('type', 'id', 'thread', 'channel', 'after', 'text', 'data', 'method', 'limit'),
  oneof(constantFrom('join', 'leave', 'send', 'rpc', 'publish', 'history', 'typing', 'ping', 'connect', '7', 'thread:7'), odd),
);

const textOf = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return 'no JSON';
  }
};

/** Error 100 is ours, never the client's: whatever it sends must be told apart before. */
const ourFaults = (transport: FakeTransport): unknown[] =>
  transport.documents.filter((document) => (document as { error?: { code?: number } }).error?.code === 100);

async function settles(transport: FakeTransport, probe: () => void, answered: () => boolean): Promise<void> {
  probe();
  await eventually(() => transport.closed !== undefined || answered(), { timeoutMs: 3_000 });
  expect(ourFaults(transport)).toEqual([]);
  expect(unhandled).toEqual([]);
}

describe('whatever a client sends', { timeout: 60_000 }, () => {
  it('in the v2 language, it is answered or closed, and nothing else breaks', async () => {
    await assert(
      asyncProperty(array(command, { minLength: 1, maxLength: 8 }), async (commands) => {
        const client = await Client.connected(world, 'anna');
        client.say(commands.map(({ id, method, params: values }) => textOf({ id, [method]: values })).join('\n'));
        await settles(
          client.transport,
          () => client.say('{"id":4000000000,"ping":{}}'),
          () => client.documents.some(({ id }) => id === 4_000_000_000),
        );
        client.connection.gone();
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });

  it('as its first bytes, it is answered or closed', async () => {
    await assert(
      asyncProperty(oneof(string({ unit: 'binary' }), anything().map(textOf), command.map(textOf)), async (text) => {
        const client = new Client(world);
        client.say(text);
        await settles(
          client.transport,
          () => client.say(JSON.stringify({ id: 1, connect: { token: tokenOf('anna') } })),
          () => client.documents.length > 0,
        );
        client.connection.gone();
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('in the plain language, it is answered or closed', async () => {
    await assert(
      asyncProperty(array(plain, { minLength: 1, maxLength: 6 }), async (requests) => {
        const transport = new FakeTransport('websocket', 'plain_websocket');
        const connection = world.get(Doors).openPlain(transport, { address: '192.0.2.7', token: tokenOf('anna') });
        await eventually(() => transport.documents.length > 0);
        for (const request of requests) connection.frame(Buffer.from(textOf(request)));
        await settles(
          transport,
          () => connection.frame(Buffer.from('{"type":"ping","id":"probe"}')),
          () => transport.documents.some(({ id }) => id === 'probe'),
        );
        connection.gone();
      }),
      { numRuns: 300 },
    );
  });

  it('leaves no session behind', () => {
    expect(world.get(Sessions).size).toBe(0);
  });
});
