/** The published client on streams of one process, every POST of which reaches another. */
import { Cluster, Sessions } from '@veche/edge-realtime';
import { eventually } from '@veche/testing';
import { Centrifuge, type PublicationContext } from 'centrifuge';
import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// allowed: import over the fence: one suite for all doors, which no product code may import
import { tokenOf } from '../../realtime/tests/world/tokens.ts';
import { type Server, start } from './stream-server.ts';

let holders: Server[] = [];
const clients: Centrifuge[] = [];
beforeEach(async () => {
  const first = await start({ GATEWAY_NODE_BEAT_MS: '200', GATEWAY_PING_MS: '1000', GATEWAY_PONG_MS: '900' });
  holders = [first, await start({ GATEWAY_NODE_BEAT_MS: '200' }, first)];
  first.bus.join('thread:7', 'anna');
  await eventually(async () => (await first.get(Cluster).nodes()).found.length === 2, { what: 'both know each other' });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const server of holders) await server.close();
});

const endpoint = ({ port }: Server, path: string): string => `http://127.0.0.1:${port}${path}`;

function clientOf(kind: 'http_stream' | 'sse', stream: Server, uplink: Server): Centrifuge {
  const client = new Centrifuge([{ transport: kind, endpoint: endpoint(stream, `/connection/${kind}`) }], {
    token: tokenOf('anna'),
    emulationEndpoint: endpoint(uplink, '/emulation'),
    eventsource: EventSource,
    minReconnectDelay: 10,
    maxReconnectDelay: 100,
  });
  clients.push(client);
  return client;
}

describe.each(['http_stream', 'sse'] as const)('the centrifuge client over %s', (kind) => {
  it('subscribes, publishes, calls and answers pings through a process that does not hold it', async () => {
    const [first, second] = holders as [Server, Server];
    const client = clientOf(kind, first, second);
    const offsets: number[] = [];
    const subscription = client.newSubscription('thread:7');
    subscription.on('publication', ({ offset }: PublicationContext) => offsets.push(offset!));
    subscription.subscribe();
    client.connect();
    await subscription.ready(5_000);
    expect([first.get(Sessions).size, second.get(Sessions).size]).toEqual([1, 0]);
    for (let n = 1; n <= 5; n++) {
      const { data } = await client.rpc('chat.send', { channel: 'thread:7', command_id: `c${n}`, text: `${n}` });
      expect(data).toMatchObject({ seq: n });
    }
    await eventually(() => offsets.length === 5);
    expect((await subscription.history({ limit: 3 })).publications.map(({ offset }) => offset)).toEqual([1, 2, 3]);
    // Longer than a ping and the wait for its answer: the answers of the client arrive.
    const until = performance.now() + 2_200;
    await eventually(() => performance.now() > until, { timeoutMs: 4_000 });
    expect(client.state).toBe('connected');
    await first.bus.happen('thread:7');
    await eventually(() => offsets.length === 6);
    expect(offsets).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('goes on without a gap when the process that its POSTs reached is gone, and when its own tells it to move', async () => {
    const [first, second] = holders as [Server, Server];
    const third = await start({ GATEWAY_NODE_BEAT_MS: '200' }, first);
    holders.push(third);
    const client = clientOf(kind, second, first);
    const offsets: number[] = [];
    const subscription = client.newSubscription('thread:7');
    subscription.on('publication', ({ offset }: PublicationContext) => offsets.push(offset!));
    subscription.subscribe();
    client.connect();
    await subscription.ready(5_000);
    await first.bus.happen('thread:7');
    await eventually(() => offsets.length === 1);
    // The next stream is of another process; a stream of the one that goes away is told 3001.
    (client as unknown as { _transports: { endpoint: string }[] })._transports[0]!.endpoint = endpoint(third, `/connection/${kind}`);
    holders = holders.filter((server) => server !== second);
    await second.close();
    for (let n = 0; n < 400; n++) first.log.append('thread:7');
    await eventually(() => offsets.length === 401, { what: 'all that was missed', timeoutMs: 8_000 });
    expect(third.get(Sessions).size).toBe(1);
    expect(offsets).toEqual(Array.from({ length: 401 }, (_, at) => at + 1));
  });
});
