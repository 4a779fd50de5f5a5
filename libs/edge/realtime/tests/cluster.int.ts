import { eventually } from '@veche/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Cluster } from '../src/cluster/cluster.ts';
import { DrainSessions } from '../src/control/drain.ts';
import { Sessions } from '../src/session/sessions.ts';
import { Client } from './client.ts';
import { cutOff, disorder, errorOf, nodeOf, openCluster, quiet, random } from './cluster.ts';
import { type World } from './world/world.ts';

let worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

describe('a backend', () => {
  it('sees channels, processes and sessions of the whole cluster', async () => {
    worlds = await openCluster(3);
    const [a, b, c] = worlds as [World, World, World];
    const anna = await Client.connected(a, 'anna');
    const bo = await Client.connected(b, 'bo');
    for (const client of [anna, bo]) await client.ask('subscribe', { channel: 'chat:news' });
    await anna.ask('subscribe', { channel: 'free:a' });
    const { found, complete } = await c.get(Cluster).channels('*:*');
    expect([Object.fromEntries(found), complete]).toEqual([{ 'chat:news': 2, 'free:a': 1, 'user:anna': 1, 'user:bo': 1 }, true]);
    expect(Object.fromEntries((await c.get(Cluster).channels('chat:*')).found)).toEqual({ 'chat:news': 2 });
    const nodes = (await c.get(Cluster).nodes()).found;
    expect(nodes.map(({ uid, num_clients }) => [uid, num_clients]).toSorted()).toEqual(
      [
        [nodeOf(a), 1],
        [nodeOf(b), 1],
        [nodeOf(c), 0],
      ].toSorted(),
    );
    const { found: sessions } = await c.get(Cluster).sessions('anna');
    expect(sessions).toEqual([expect.objectContaining({ user: 'anna', node: nodeOf(a), transport: 'websocket' })]);
    expect(sessions[0]!.channels.toSorted()).toEqual(['chat:news', 'free:a', 'user:anna']);
  });

  it('ends sessions wherever they are, though signals get lost', async () => {
    worlds = await openCluster(3);
    const [a, b, c] = worlds as [World, World, World];
    const clients = [await Client.connected(a, 'anna'), await Client.connected(b, 'anna'), await Client.connected(b, 'bo')];
    a.bus.delays = disorder(random(11), { lost: 0.4 });
    const ended = (): Promise<string> => errorOf(c.get(Cluster).steer({ do: 'disconnect', user: 'anna', code: 3503, reason: 'force disconnect' }));
    // With so much lost, one time in ten it hears that not everybody has confirmed, and does it again.
    while ((await ended()) === 'outcome_unknown');
    a.bus.delays = quiet;
    expect(clients.map(({ transport }) => transport.closed?.code)).toEqual([3503, 3503, undefined]);
  });

  it('is not told that it is done while a process has not confirmed it', async () => {
    worlds = await openCluster(2, { GATEWAY_NODE_BEAT_MS: '10000' });
    const [a, b] = worlds as [World, World];
    cutOff(b);
    expect(await errorOf(a.get(Cluster).steer({ do: 'disconnect', user: 'anna', code: 3503, reason: 'force disconnect' }))).toBe('outcome_unknown');
  });

  it('subscribes sessions of other processes: from a position, until a time, or says why not', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    for (let n = 0; n < 5; n++) a.log.append('chat:news', { data: `{"n":${n}}` });
    const { epoch } = a.log.open('chat:news');
    const anna = await Client.connected(a, 'anna');
    await b.get(Cluster).steer({ do: 'subscribe', user: 'anna', channel: 'chat:news', recover_since: { epoch, seq: 3 }, expires_at: Date.now() + 1_000 });
    await eventually(() => anna.pushes('pub', 'chat:news').length === 2);
    expect(anna.pushes('subscribe', 'chat:news')[0]).toMatchObject({ recoverable: true, epoch, offset: 3, expires: true });
    expect(anna.pushes('pub', 'chat:news').map(({ offset }) => offset)).toEqual([4, 5]);
    expect(await errorOf(b.get(Cluster).steer({ do: 'subscribe', user: 'anna', channel: 'thread:none' }))).toBe('permission_denied');
    await b.get(Cluster).steer({ do: 'unsubscribe', user: 'anna', channel: 'chat:news' });
    expect(anna.pushes('unsubscribe', 'chat:news')[0]).toMatchObject({ code: 2000 });
  });

  it('subscribes until a time: then the session ends with 3006 and comes back without it', async () => {
    worlds = await openCluster(2, { GATEWAY_EXPIRY_GRACE_MS: '100' });
    const [a, b] = worlds as [World, World];
    const anna = await Client.connected(a, 'anna');
    await b.get(Cluster).steer({ do: 'subscribe', user: 'anna', channel: 'chat:news', expires_at: Date.now() + 300 });
    await eventually(() => anna.transport.closed?.code === 3006, { what: '3006', timeoutMs: 3_000 });
  });
});

describe('a process that goes away', () => {
  it('tells its sessions to move, on every door, and another goes on where each stood', async () => {
    worlds = await openCluster(2, { GATEWAY_DRAIN_MS: '200' });
    const [a, b] = worlds as [World, World];
    a.bus.join('thread:7', 'anna', 'bo');
    const clients = [await Client.connected(a, 'anna'), await Client.connected(a, 'bo', 'sse'), await Client.connected(a, 'anna', 'line')];
    const sent = a.bus.happen('thread:7');
    for (const client of clients) await client.ask('subscribe', { channel: 'thread:7', recover: true });
    await sent;
    await eventually(() => clients.every((client) => client.seqs('thread:7').length === 1));
    const drained = a.get(DrainSessions).drain();
    await a.bus.happen('thread:7');
    await drained;
    await a.bus.happen('thread:7');
    expect(clients.map(({ transport }) => transport.closed?.code)).toEqual([3001, 3001, 3001]);
    expect(clients.slice(1).map((client) => client.documents.at(-1)!.push?.disconnect?.code)).toEqual([3001, 3001]);
    expect(a.get(Sessions).size).toBe(0);
    const { epoch } = a.log.open('thread:7');
    for (const client of clients) {
      const seen = client.seqs('thread:7').at(-1)!;
      const moved = await Client.connected(b, client === clients[1] ? 'bo' : 'anna', client.transport.framing);
      expect((await moved.ask('subscribe', { channel: 'thread:7', recover: true, epoch, offset: seen })).subscribe.recovered).toBe(true);
      await eventually(() => moved.seqs('thread:7').at(-1) === 3);
      expect([...client.seqs('thread:7'), ...moved.seqs('thread:7')]).toEqual([1, 2, 3]);
    }
  });
});
