import { eventually } from '@veche/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Doors } from '../src/doors.ts';
import { Grants } from '../src/grants/grants.ts';
import { Client } from './client.ts';
import { FakeTransport } from './world/fake-transport.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

let world: World;
let anna: Client;
let bo: Client;
beforeEach(async () => {
  world = await openWorld({ GATEWAY_POSITION_CHECK_MS: '200', GATEWAY_GRANT_TTL_MS: '50' });
  world.bus.join('thread:7', 'anna', 'bo');
  anna = await Client.connected(world, 'anna');
  bo = await Client.connected(world, 'bo');
  for (const client of [anna, bo]) await client.ask('subscribe', { channel: 'thread:7' });
});
afterEach(() => world.close());

const leave = (): void => {
  world.bus.away = true;
  world.bus.fate = () => [];
  world.bus.delays = () => [];
};
const return_ = (): void => {
  world.bus.away = false;
  world.bus.fate = (event) => [event];
  world.bus.delays = () => [0];
  world.bus.interrupt();
};
const resume = async (user: string, offset: number) => {
  const client = await Client.connected(world, user);
  const { epoch } = world.log.open('thread:7');
  const { subscribe, error } = await client.ask('subscribe', { channel: 'thread:7', recover: true, epoch, offset });
  return { client, subscribe, error };
};

describe('while bus and services are away', () => {
  it('sends and what needs an owner are answered with an error that passes, on every door', async () => {
    leave();
    expect((await anna.ask('rpc', { method: 'chat.send', data: { channel: 'thread:7', command_id: 'c1', text: 'x' } })).error).toMatchObject({
      code: 503,
      temporary: true,
    });
    expect((await anna.ask('subscribe', { channel: 'thread:8' })).error).toMatchObject({ code: 503, temporary: true });
    expect((await anna.ask('publish', { channel: 'chat:a', data: 1 })).error).toMatchObject({ code: 503, temporary: true });
    const plain = new FakeTransport('websocket', 'plain_websocket');
    const connection = world.get(Doors).openPlain(plain, { address: '192.0.2.7', token: tokenOf('anna') });
    await eventually(() => plain.documents.some(({ type }) => type === 'connected'));
    connection.frame(Buffer.from('{"type":"join","id":1,"thread":"8"}'));
    await eventually(() => plain.documents.some(({ error }) => (error as { retryable?: boolean } | undefined)?.retryable === true));
    const stream = world.get(Doors).openStream(new FakeTransport('sse', 'event_source'), { address: '192.0.2.7' }, tokenOf('anna'), [{ channel: 'thread:8' }]);
    await expect(stream).rejects.toMatchObject({ error: 'unavailable' });
  });

  it('whoever listens still gets what is appended: the position check reads it', async () => {
    leave();
    for (let n = 0; n < 3; n++) await world.bus.happen('thread:7');
    await eventually(() => anna.seqs('thread:7').length === 3, { timeoutMs: 2_000 });
    expect(anna.seqs('thread:7')).toEqual([1, 2, 3]);
  });

  it('clients connect, their inbox goes on, and who was in a thread that is listened to resumes', async () => {
    await world.bus.happen('thread:7');
    world.log.append('user:anna');
    leave();
    for (let n = 0; n < 3; n++) world.log.append('thread:7');
    anna.connection.gone();
    // Longer than a grant is remembered.
    await eventually(() => bo.seqs('thread:7').length === 4, { timeoutMs: 2_000 });
    const { client, subscribe } = await resume('anna', 1);
    expect(subscribe.recovered).toBe(true);
    expect(client.seqs('thread:7')).toEqual([2, 3, 4]);
  });

  it('who is removed meanwhile does not come back, and who never was in does not get in', async () => {
    leave();
    world.bus.members.get('thread:7')!.delete('anna');
    world.log.append('thread:7', { kind: 'chat.member-removed.v1', data: '{"user":"anna"}' });
    await eventually(() => anna.pushes('unsubscribe', 'thread:7').length === 1, { timeoutMs: 2_000 });
    expect((await anna.ask('subscribe', { channel: 'thread:7' })).error).toMatchObject({ code: 503 });
    expect((await resume('eve', 0)).error).toMatchObject({ code: 503 });
    return_();
    expect((await anna.ask('subscribe', { channel: 'thread:7' })).error).toMatchObject({ code: 103 });
  });

  it('nothing is trusted of a thread that nobody listens to any more', async () => {
    leave();
    for (const client of [anna, bo]) client.connection.gone();
    const refused = async (): Promise<boolean> =>
      world
        .get(Grants)
        .of({ user: 'anna', caps: [] }, 'thread:7')
        .then(
          () => false,
          (error: { error: string }) => error.error === 'unavailable',
        );
    await eventually(refused, { what: 'what was remembered has run out' });
  });

  it('everything goes on when they are back', async () => {
    leave();
    await world.bus.happen('thread:7');
    return_();
    expect((await anna.ask('rpc', { method: 'chat.send', data: { channel: 'thread:7', command_id: 'c2', text: 'x' } })).rpc.data).toMatchObject({ seq: 2 });
    await eventually(() => bo.seqs('thread:7').length === 2);
    expect(bo.seqs('thread:7')).toEqual([1, 2]);
  });
});
