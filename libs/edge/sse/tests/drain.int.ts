import { Entrance } from '@veche/edge-realtime';
import { eventually } from '@veche/testing';
import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
// allowed: import over the fence: one world for the tests of all doors, which no product code may import
import { tokenOf } from '../../realtime/tests/world/tokens.ts';
import { StreamClient } from './stream-client.ts';
import { type Server, start } from './stream-server.ts';

let server: Server;
afterEach(() => server.close());

const connect = (): string => JSON.stringify({ id: 1, connect: { token: tokenOf('anna') } });
const post = (path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'POST', body: connect(), headers: { 'content-type': 'application/json' } });

describe('a process that drains', () => {
  beforeEach(async () => {
    server = await start({ DOORS_QUERY_TOKEN: 'true' });
    server.bus.join('thread:7', 'anna');
  });

  test.each(['/connection/http_stream', '/connection/sse'])('refuses new streams of %s with 503 and Retry-After', async (path) => {
    await server.get(Entrance).drain();
    const answer = await post(path);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await answer.json()).toMatchObject({ error: { name: 'unavailable', retryable: true } });
  });

  test.each(['line', 'sse'] as const)('serves a stream of %s and its uplink on, then ends it with 3001', async (kind) => {
    const client = await StreamClient.open(server.port, kind, connect());
    await eventually(() => client.documents.length === 1);
    await server.get(Entrance).drain();
    expect(await client.say('{"id":2,"subscribe":{"channel":"thread:7"}}')).toBe(204);
    await eventually(() => client.documents.some(({ id }) => id === 2));
    await server.bus.happen('thread:7');
    await eventually(() => client.documents.some(({ push }) => push?.pub));
    await server.close();
    await eventually(() => client.ended === 3001);
    server = await start();
  });

  test('tells an EventSource when to come back, because it gives up on any status but 200', async () => {
    await server.get(Entrance).drain();
    const answer = await fetch(`http://127.0.0.1:${server.port}/chat/events?thread_id=7&token=${tokenOf('anna')}`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(Number(/^retry: (\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(1_000);
    expect(text).toContain('event: refused');
  });

  test('ends each EventSource with a retry of its own and the end of the stream', async () => {
    const url = `http://127.0.0.1:${server.port}/chat/events?thread_id=7&token=${tokenOf('anna')}`;
    const streams = await Promise.all(Array.from({ length: 20 }, () => fetch(url, { headers: { accept: 'text/event-stream' } })));
    const texts = Promise.all(streams.map((stream) => stream.text()));
    await server.close();
    const retries = (await texts).map((text) => Number(/^retry: (\d+)\nevent: disconnect\ndata: .*3001/m.exec(text)?.[1]));
    for (const retry of retries) {
      expect(retry).toBeGreaterThanOrEqual(500);
      expect(retry).toBeLessThanOrEqual(5_000);
    }
    expect(new Set(retries).size).toBeGreaterThan(15);
    server = await start();
  });

  test('answers polls to the end', async () => {
    await server.bus.happen('thread:7');
    await server.get(Entrance).drain();
    const answer = await fetch(`http://127.0.0.1:${server.port}/chat/events?thread_id=7&after=0&token=${tokenOf('anna')}`, {
      headers: { accept: 'application/json' },
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ seq: 1, events: [{ seq: 1 }] });
  });
});

describe('a process that takes so many a second', () => {
  test('refuses further streams with 503, and lets an EventSource come back', async () => {
    server = await start({ GATEWAY_ACCEPTS_PER_SECOND: '2', DOORS_QUERY_TOKEN: 'true' });
    server.bus.join('thread:7', 'anna');
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('/connection/http_stream')));
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThanOrEqual(4);
    for (const { body } of answers) await body?.cancel();
    const source = new EventSource(`http://127.0.0.1:${server.port}/chat/events?thread_id=7&token=${tokenOf('anna')}`);
    await new Promise((resolve) => source.addEventListener('joined', resolve, { once: true }));
    source.close();
  });
});
