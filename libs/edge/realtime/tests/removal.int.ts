import { MemberRemoved } from '@veche/contracts';
import { eventually } from '@veche/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamRequest } from '../src/door.ts';
import { Doors } from '../src/doors.ts';
import { Client } from './client.ts';
import { FakeTransport } from './world/fake-transport.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

const PEER = { address: '192.0.2.7' };
let world: World;
let gate: PromiseWithResolvers<void>;

beforeEach(async () => {
  world = await openWorld();
  for (const thread of ['thread:7', 'thread:8']) {
    world.bus.join(thread, 'anna', 'bo');
    for (let n = 0; n < 3; n++) world.log.append(thread);
  }
  // Somebody listens to both, so that opening them reads nothing.
  const bo = await Client.connected(world, 'bo');
  for (const channel of ['thread:7', 'thread:8']) await bo.ask('subscribe', { channel });
  gate = Promise.withResolvers<void>();
});
afterEach(() => world.close());

/** Closes the gate of the log, begins, and resolves when a read waits before it. */
async function heldAtTheLog<T>(begin: () => Promise<T>): Promise<readonly [Promise<T>]> {
  world.log.gate = gate.promise;
  const { reads } = world.log;
  const running = begin();
  running.catch(() => undefined);
  await eventually(() => world.log.reads > reads);
  // In a list, or it would be awaited here.
  return [running];
}

async function remove(user: string): Promise<void> {
  world.bus.members.get('thread:7')!.delete(user);
  await world.bus.happen('thread:7', { kind: MemberRemoved.kind, data: JSON.stringify({ user, role: 'member' }) });
  await world.bus.happen('thread:7', { data: '{"text":"secret"}' });
}

const openSource = (transport: FakeTransport, requests: readonly StreamRequest[]): Promise<unknown> =>
  world.get(Doors).openStream(transport, PEER, tokenOf('anna'), requests);

describe('a member removed while', () => {
  it.each([
    ['one channel', [{ channel: 'thread:7', after: { epoch: '', seq: 0 } }]],
    ['two channels', [{ channel: 'thread:7' }, { channel: 'thread:8', after: { epoch: '', seq: 0 } }]],
  ])('their EventSource of %s is being opened hears nothing later', async (_, requests) => {
    const transport = new FakeTransport('sse', 'event_source');
    const [opening] = await heldAtTheLog(() => openSource(transport, requests));
    await remove('anna');
    gate.resolve();
    await opening.catch(() => undefined);
    await world.bus.happen('thread:7', { data: '{"text":"secret"}' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(transport.raw).not.toContain('secret');
    await expect(opening).rejects.toMatchObject({ error: expect.stringMatching(/permission_denied|unavailable/) });
  });

  it('their history is being read is refused', async () => {
    const anna = await Client.connected(world, 'anna');
    const [asking] = await heldAtTheLog(() => anna.ask('history', { channel: 'thread:7', limit: 100 }));
    await remove('anna');
    gate.resolve();
    expect(await asking).toMatchObject({ error: { code: 103 } });
    expect(anna.transport.raw).not.toContain('secret');
  });

  it('their poll is being answered is refused', async () => {
    const [polling] = await heldAtTheLog(() => world.get(Doors).poll(PEER, tokenOf('anna'), [{ channel: 'thread:7', after: { epoch: '', seq: 1 } }]));
    await remove('anna');
    gate.resolve();
    await expect(polling).rejects.toMatchObject({ error: 'permission_denied' });
  });

  it('the fan-out is behind is refused by what the page itself says', async () => {
    const anna = await Client.connected(world, 'anna');
    await anna.ask('history', { channel: 'thread:7', limit: 1 });
    world.bus.fate = () => [];
    await remove('anna');
    expect(await anna.ask('history', { channel: 'thread:7', limit: 100 })).toMatchObject({ error: { code: 103 } });
    await expect(world.get(Doors).poll(PEER, tokenOf('anna'), [{ channel: 'thread:7', after: { epoch: '', seq: 1 } }])).rejects.toMatchObject({
      error: 'permission_denied',
    });
  });

  it('a long gap is going out sees the removal as the last, and may come back when added again', async () => {
    for (let n = 0; n < 1_000; n++) world.log.append('thread:7');
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7', recover: true, offset: 0, epoch: world.log.open('thread:7').epoch });
    anna.transport.reading = false;
    await remove('anna');
    anna.transport.drain();
    await eventually(() => anna.pushes('unsubscribe').length === 1);
    expect(anna.transport.raw).not.toContain('secret');
    expect(await anna.ask('subscribe', { channel: 'thread:7', recover: true, offset: 0 })).toMatchObject({ error: { code: 103 } });
    world.bus.members.get('thread:7')!.add('anna');
    await world.bus.happen('thread:7', { kind: 'chat.member-added.v1', data: '{"user":"anna","role":"member"}' });
    expect(await anna.ask('subscribe', { channel: 'thread:7' })).toMatchObject({ subscribe: {} });
    await world.bus.happen('thread:7', { data: '{"text":"welcome"}' });
    await eventually(() => anna.transport.raw.includes('welcome'));
  });
});
