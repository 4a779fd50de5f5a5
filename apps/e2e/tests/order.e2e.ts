import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { centrifugeOn, type CentrifugeTransport } from '../src/centrifuge-subscriber.ts';
import { createThread, type Person, register } from '../src/people.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

const COUNT = 200;

describe('messages sent without waiting for answers', () => {
  let server: Veche;
  let person: Person;
  let channel: string;

  beforeAll(async () => {
    server = await startVeche({ env: { GATEWAY_MESSAGES_PER_MINUTE: '100000' } });
    person = await register(server.origin, 'hasty');
    ({ channel } = await createThread(server.origin, person, 'in a hurry', []));
  });

  afterAll(() => server.stop());

  const risesByOne = (seqs: readonly number[]): boolean => seqs.every((seq, index) => index === 0 || seq === (seqs[index - 1] ?? 0) + 1);

  it('over one WebSocket get rising seqs in the order in which they were sent', async () => {
    const client = centrifugeOn('websocket' satisfies CentrifugeTransport, server.origin, { token: person.token });
    client.connect();
    await client.ready();
    const sent = Array.from({ length: COUNT }, (_, index) => client.rpc('chat.send', { channel, command_id: crypto.randomUUID(), text: `${index}` }));
    const seqs = (await Promise.all(sent)).map(({ data }) => (data as { seq: number }).seq);
    client.disconnect();
    expect(risesByOne(seqs)).toBe(true);
  });

  it('over one plain socket get rising seqs in the order in which they were sent', async () => {
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/realtime/ws`, { headers: { authorization: `Bearer ${person.token}` } });
    await once(socket, 'open');
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const seqs: number[] = [];
    socket.on('message', (text) => {
      const answer = JSON.parse(String(text)) as { ack?: string; seq: number };
      if (answer.ack !== undefined) seqs[Number(answer.ack.split('.')[1])] = answer.seq;
      if (Object.keys(seqs).length === COUNT) resolve();
    });
    const run = crypto.randomUUID().slice(0, 8);
    for (let index = 0; index < COUNT; index++) socket.send(JSON.stringify({ type: 'send', channel, id: `${run}.${index}`, text: `${index}` }));
    await done;
    socket.terminate();
    expect(risesByOne(seqs)).toBe(true);
  });
});
