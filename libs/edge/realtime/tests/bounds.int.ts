import { MemoryLimiter } from '@veche/platform-redis';
import { eventually } from '@veche/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Doors } from '../src/doors.ts';
import { GrantCache } from '../src/grants/grant-cache.ts';
import { Channels } from '../src/hub/channels.ts';
import { Limits } from '../src/limits/limits.ts';
import { Edges } from '../src/presence/edges.ts';
import { PresenceStore } from '../src/presence/presence-store.ts';
import { Heartbeat } from '../src/session/heartbeat.ts';
import type { Session } from '../src/session/session.ts';
import { Sessions } from '../src/session/sessions.ts';
import type { Wheel } from '../src/session/wheel.ts';
import { Cursors } from '../src/stream/cursors.ts';
import { Client } from './client.ts';
import { FakeTransport } from './world/fake-transport.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld({
    GATEWAY_LEAVE_DELAY_MS: '0',
    GATEWAY_GRANT_TTL_MS: '60000',
    GATEWAY_RECONNECTS_PER_MINUTE: '1000000',
    GATEWAY_CONNECTS_PER_USER: '1000000',
  });
});
afterEach(() => world.close());

/** Entries of every Map and Set that the object keeps, by name. */
const heldBy = (object: object): Record<string, number> =>
  Object.fromEntries(Object.entries(object).flatMap(([name, value]) => (value instanceof Map || value instanceof Set ? [[name, value.size]] : [])));

describe('two thousand sessions that come and go five times', () => {
  it('leave nothing behind, wherever they were known', { timeout: 60_000 }, async () => {
    const places = [Sessions, Channels, Edges, PresenceStore, Cursors].map((place) => world.get(place as never) as object);
    for (let round = 0; round < 5; round++) {
      const open: { gone(): void }[] = [];
      for (let n = 0; n < 2_000; n++) {
        const user = `user${n}`;
        world.bus.join(`thread:${n % 50}`, user);
        if (n % 3 === 0) {
          const source = new FakeTransport('sse', 'event_source');
          const channels = [{ channel: `thread:${n % 50}` }, { channel: `user:${user}` }];
          open.push(await world.get(Doors).openStream(source, { address: `192.0.2.${n % 250}` }, tokenOf(user), channels));
          continue;
        }
        const client = new Client(world, n % 3 === 1 ? 'websocket' : 'line', { address: `192.0.2.${n % 250}` });
        client.say(
          `{"id":1,"connect":{"token":"${tokenOf(user)}"}}\n{"id":2,"subscribe":{"channel":"thread:${n % 50}"}}\n{"id":3,"subscribe":{"channel":"free:${n}"}}`,
        );
        open.push(client.connection);
      }
      await eventually(() => world.get(Sessions).countOf('user1999') === 1);
      expect(world.get(Sessions).size).toBe(2_000);
      for (const one of open) one.gone();
      await eventually(() => places.every((place) => Object.values(heldBy(place)).every((size) => size === 0)), { what: 'nothing held' });
    }
    for (const place of places) expect(heldBy(place), place.constructor.name).toEqual(Object.fromEntries(Object.keys(heldBy(place)).map((name) => [name, 0])));
    expect(heldBy(world.get(Limits))).toMatchObject({ open: 0 });
    const { wheel } = world.get(Heartbeat) as unknown as { wheel: Wheel<Session> };
    expect(wheel.awaited, 'sessions kept for a deadline that is far away').toBe(0);
  });
});

describe('a flood takes no more memory than its bound', () => {
  it('of users and addresses', async () => {
    let now = 0;
    const limiter = new MemoryLimiter(() => now);
    for (let n = 0; n < 450_000; n++) {
      await limiter.take(`message user${n}`, 100, 60_000);
      await limiter.note(`ended 10.${n}`, 60_000);
    }
    expect(limiter.size).toBeLessThanOrEqual(400_000);
    expect(await limiter.recent('ended 10.449999')).toBe(true);
    now = 61_000;
    for (let n = 0; n < 10_001; n++) await limiter.note('ended 10.0.0.1', 60_000);
    expect(limiter.size).toBeLessThanOrEqual(2);
  });

  it('of grants, on many channels or on one', () => {
    const grant = Promise.resolve({} as never);
    const cache = new GrantCache(60_000, () => 0);
    for (let n = 0; n < 450_000; n++) cache.set(n % 2 === 0 ? 'news:all' : `thread:${n}`, `user${n}`, grant);
    const remembered = [...(cache as unknown as { channels: Map<string, Map<string, unknown>> }).channels.values()].reduce((sum, { size }) => sum + size, 0);
    expect(remembered).toBeLessThanOrEqual(200_000);
    expect(cache.get('thread:449999', 'user449999')).toBe(grant);
  });
});

describe('one session may have only so much under way', () => {
  const codes = (transport: FakeTransport): Set<unknown> => new Set(transport.documents.map(({ error }) => (error as { code?: number } | undefined)?.code));

  it('on a Centrifugo socket, waiting behind one channel too', async () => {
    const anna = await Client.connected(world, 'anna');
    world.bus.gate = new Promise(() => undefined);
    for (let n = 0; n < 3; n++) anna.say(Array.from({ length: 1_000 }, (_, at) => `{"id":${n * 1000 + at + 10},"history":{"channel":"keep:slow"}}`).join('\n'));
    await eventually(() => codes(anna.transport).has(111));
    expect(anna.transport.documents.filter(({ error }) => error !== undefined).length).toBe(3_000 - 1_024);
  });

  it('on a plain socket', async () => {
    const transport = new FakeTransport();
    const connection = world.get(Doors).openPlain(transport, { address: '192.0.2.7', token: tokenOf('anna') });
    await eventually(() => transport.documents.length > 0);
    world.bus.gate = new Promise(() => undefined);
    for (let n = 0; n < 3_000; n++) connection.frame(Buffer.from(`{"type":"rpc","id":${n},"method":"chat.threads","data":{}}`));
    await eventually(() => codes(transport).has(111));
    expect(transport.documents.filter(({ type }) => type === 'error').length).toBe(3_000 - 1_024);
  });

  it('before it has said who it is: 256 KB, then 3013', () => {
    const big = 'x'.repeat(60_000);
    const plain = new FakeTransport();
    const connection = world.get(Doors).openPlain(plain, { address: '192.0.2.7', token: tokenOf('anna') });
    for (let n = 0; n < 6; n++) connection.frame(Buffer.from(JSON.stringify({ type: 'publish', channel: 'free:a', data: big })));
    expect(plain.closed?.code).toBe(3013);
    const v2 = new Client(world);
    v2.say(JSON.stringify({ id: 1, connect: { token: tokenOf('anna') } }));
    for (let n = 0; n < 6; n++) v2.say(JSON.stringify({ id: n + 2, publish: { channel: 'free:a', data: big } }));
    expect(v2.transport.closed?.code).toBe(3013);
  });

  it('before it has said who it is: 1,024 messages, then 3013', () => {
    const sent = (count: number): FakeTransport => {
      const transport = new FakeTransport();
      const connection = world.get(Doors).openPlain(transport, { address: '192.0.2.8', token: tokenOf('anna') });
      for (let n = 0; n < count; n++) connection.frame(Buffer.from('{"type":"x"}'));
      return transport;
    };
    expect(sent(1_024).closed).toBeUndefined();
    expect(sent(1_025).closed?.code).toBe(3013);
  });

  it('whose stream has died has no uplink any more', async () => {
    const anna = await Client.connected(world, 'anna', 'line');
    const { connect } = anna.documents[0] as { connect: { session: string } };
    expect(await world.get(Doors).emulate(connect.session, { address: '192.0.2.7' }, '{}')).toBe('delivered');
    anna.connection.gone();
    expect(await world.get(Doors).emulate(connect.session, { address: '192.0.2.7' }, '{}')).toBe('unknown');
  });
});
