import { once } from 'node:events';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { centrifugeOn, type CentrifugeTransport } from '../src/centrifuge-subscriber.ts';
import { demand, type Person, register } from '../src/people.ts';
import type { PollPage } from '../src/poll-subscriber.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

const API_KEY = 'resume-key-of-sixteen-characters';
const NAMESPACES = JSON.stringify([
  { name: 'news', history_size: 1_000_000, history_ttl: '24h', subscribe: 'signed_in', publish: 'signed_in', read_history: 'signed_in' },
]);
const CHANNEL = 'news:archive';
const OLD = 100_000;

describe('resume from a cursor that is a hundred thousand events old', () => {
  let server: Veche;
  let person: Person;

  beforeAll(async () => {
    server = await startVeche({ env: { CHANNELS_NAMESPACES: NAMESPACES, AUTH_API_KEYS: `test:${API_KEY}`, HTTP_REQUESTS_PER_MINUTE: '100000' } });
    person = await register(server.origin, 'reader');
    await publish({ n: 1 });
    await age(server.database.url, OLD);
  });

  afterAll(() => server.stop());

  const publish = (data: object) => demand(server.origin, 'POST', '/api/publish', { headers: { 'x-api-key': API_KEY }, body: { channel: CHANNEL, data } });

  for (const transport of ['websocket', 'http_stream', 'sse'] satisfies CentrifugeTransport[]) {
    it(`pages through all of them over ${transport}, and live events come after`, async () => {
      const client = centrifugeOn(transport, server.origin, { token: person.token });
      const offsets: number[] = [];
      const { promise: done, resolve } = Promise.withResolvers<void>();
      const subscription = client.newSubscription(CHANNEL, { since: { offset: 1, epoch: '' } });
      subscription.on('publication', ({ offset = 0, data }) => {
        offsets.push(offset);
        if ((data as { last?: string }).last === transport) resolve();
      });
      const subscribed = once(subscription as never, 'subscribed');
      subscription.subscribe();
      client.connect();
      const [context] = (await subscribed) as [{ recovered: boolean }];
      expect(context.recovered).toBe(true);
      await publish({ last: transport });
      await done;
      client.disconnect();
      expect(offsets.length).toBeGreaterThanOrEqual(OLD);
      expect(offsets.every((offset, index) => offset === index + 2)).toBe(true);
    });
  }

  it('pages through all of them over the plain socket', async () => {
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/realtime/ws`, { headers: { authorization: `Bearer ${person.token}` } });
    await once(socket, 'open');
    const seqs: number[] = [];
    const { promise: done, resolve } = Promise.withResolvers<void>();
    socket.on('message', (text) => {
      for (const line of String(text).split('\n')) {
        const message = JSON.parse(line) as { type: string; seq: number };
        if (message.type === 'event') seqs.push(message.seq);
        if (seqs.length === OLD) resolve();
      }
    });
    socket.send(JSON.stringify({ type: 'join', channel: CHANNEL, after: '0' }));
    await done;
    socket.terminate();
    expect(seqs.every((seq, index) => seq === index + 1)).toBe(true);
  });

  it('pages through all of them by polling', async () => {
    let after = '0';
    let seen = 0;
    for (;;) {
      const page = await demand<PollPage>(server.origin, 'GET', `/realtime/events?channel=${CHANNEL}&after=${after}`, {
        token: person.token,
        headers: { accept: 'application/json' },
      });
      if (page.events.length === 0) break;
      expect(page.events[0]?.seq).toBe(seen + 1);
      seen += page.events.length;
      after = `${page.epoch}:${page.seq}`;
    }
    expect(seen).toBeGreaterThanOrEqual(OLD);
  });
});

/** Fills the channel's log up to `top` as if it had been published long ago: through the doors it would take minutes. */
async function age(url: string, top: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    `INSERT INTO event (slot, channel, seq, id, kind, actor, command_id, command, data)
     SELECT e.slot, e.channel, n, gen_random_uuid(), e.kind, e.actor, 'old ' || n, e.command, json_build_object('n', n, 'text', 'an old event')
     FROM event e JOIN channel c ON (c.slot, c.id) = (e.slot, e.channel), generate_series(2, $2) n WHERE c.name = $1`,
    [CHANNEL, top],
  );
  await client.query('UPDATE channel SET last_seq = $2 WHERE name = $1', [CHANNEL, top]);
  await client.end();
}
