import { Centrifuge, type PublicationContext, type ServerPublicationContext, type SubscribedContext } from 'centrifuge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@veche/testing';
import { WebSocket } from 'ws';
import { tokenOf } from './realtime-world.ts';
import { type Server, startServer } from './server.ts';

/** The published client, unmodified. */
let server: Server;
let clients: Centrifuge[] = [];
beforeEach(async () => {
  server = await startServer();
});
afterEach(async () => {
  for (const client of clients) client.disconnect();
  clients = [];
  await server.close();
});

async function connected(user: string, options: ConstructorParameters<typeof Centrifuge>[1] = {}): Promise<Centrifuge> {
  const client = new Centrifuge(`${server.url}/connection/websocket`, {
    websocket: WebSocket,
    token: tokenOf(user),
    minReconnectDelay: 10,
    maxReconnectDelay: 50,
    ...options,
  });
  clients.push(client);
  client.connect();
  await client.ready(5_000);
  return client;
}

/** Offsets in the order the application saw them. */
function seen(client: Centrifuge, channel: string): number[] {
  const offsets: number[] = [];
  const subscription = client.newSubscription(channel);
  subscription.on('publication', ({ offset }: PublicationContext) => offsets.push(offset!));
  subscription.subscribe();
  return offsets;
}

/** Cuts the connection without a word, as a network does. */
const cut = (client: Centrifuge): void => (client as unknown as { _transport: { _transport: WebSocket } })._transport._transport.terminate();

describe('the centrifuge client', () => {
  it('subscribes, gets publications, and recovers what it missed while away', async () => {
    server.bus.join('thread:7', 'anna');
    const anna = await connected('anna');
    const offsets = seen(anna, 'thread:7');
    const subscription = anna.getSubscription('thread:7')!;
    await subscription.ready(5_000);
    for (let n = 0; n < 3; n++) await server.bus.happen('thread:7');
    await eventually(() => offsets.length === 3);
    const again = new Promise<SubscribedContext>((resolve) => subscription.once('subscribed', resolve));
    cut(anna);
    for (let n = 0; n < 1_000; n++) server.log.append('thread:7');
    expect(await again).toMatchObject({ wasRecovering: true, recovered: true });
    await server.bus.happen('thread:7');
    await eventually(() => offsets.length >= 1_004, { what: 'all that was missed' });
    expect(offsets).toEqual(Array.from({ length: 1_004 }, (_, at) => at + 1));
  });

  it('recovers its inbox, which the server subscribed it to', async () => {
    const offsets: number[] = [];
    const anna = await connected('anna');
    anna.on('publication', ({ channel, offset }: ServerPublicationContext) => channel === 'user:anna' && offsets.push(offset!));
    await server.bus.happen('user:anna');
    await eventually(() => offsets.length === 1);
    cut(anna);
    await server.bus.happen('user:anna');
    await eventually(() => offsets.length === 2);
    expect(offsets).toEqual([1, 2]);
  });

  it('publishes, and the data comes back byte for byte with who sent it', async () => {
    const anna = await connected('anna');
    const subscription = anna.newSubscription('chat:a');
    const got: PublicationContext[] = [];
    subscription.on('publication', (publication) => got.push(publication));
    subscription.subscribe();
    await subscription.ready(5_000);
    await subscription.publish({ b: 1.5, a: 'ä' });
    await eventually(() => got.length === 1);
    expect(got[0]).toMatchObject({ data: { b: 1.5, a: 'ä' }, offset: 1, info: { user: 'anna' } });
    expect(server.log.open('chat:a').events[0]!.data).toBe('{"b":1.5,"a":"ä"}');
  });

  it('hears joins and leaves, and asks who is present', async () => {
    const anna = await connected('anna');
    const subscription = anna.newSubscription('free:a', { joinLeave: true });
    const heard: string[] = [];
    subscription.on('join', ({ info }) => heard.push(`+${info.user}`)).on('leave', ({ info }) => heard.push(`-${info.user}`));
    subscription.subscribe();
    await subscription.ready(5_000);
    const bo = await connected('bo');
    bo.newSubscription('free:a').subscribe();
    await eventually(() => heard.includes('+bo'));
    expect(await subscription.presenceStats()).toEqual({ numClients: 2, numUsers: 2 });
    expect(
      Object.values((await subscription.presence()).clients)
        .map(({ user }) => user)
        .toSorted(),
    ).toEqual(['anna', 'bo']);
    bo.disconnect();
    await eventually(() => heard.includes('-bo'));
  });

  it('reads history both ways', async () => {
    const anna = await connected('anna');
    for (let n = 0; n < 5; n++) await server.bus.happen('keep:a', { data: String(n) });
    const forward = await anna.history('keep:a', { limit: 2, since: { offset: 1, epoch: server.log.open('keep:a').epoch } });
    expect(forward.publications.map(({ offset }) => offset)).toEqual([2, 3]);
    expect(forward.offset).toBe(5);
    const back = await anna.history('keep:a', { limit: 2, reverse: true });
    expect(back.publications.map(({ data }) => data)).toEqual([4, 3]);
    expect((await anna.history('keep:a', { limit: 0 })).publications).toEqual([]);
  });

  it('sends by rpc and is answered with the position', async () => {
    server.bus.join('thread:7', 'anna');
    const anna = await connected('anna');
    const { data } = await anna.rpc('chat.send', { channel: 'thread:7', command_id: 'c1', text: 'hello' });
    expect(data).toMatchObject({ seq: 1, command_id: 'c1' });
    await expect(anna.rpc('chat.dance', {})).rejects.toMatchObject({ code: 108 });
  });

  it('refreshes its token in the connection', async () => {
    let asked = 0;
    const anna = await connected('anna', { token: tokenOf('anna', {}, 2), getToken: async () => tokenOf('anna', {}, 3_600 + asked++) });
    await eventually(() => asked === 1);
    await anna.presenceStats('free:a');
    expect(anna.state).toBe('connected');
  });
});
