import { ThreadCreated } from '@veche/contracts';
import { checkHistory, eventually, hashOf, HistoryRecorder, once } from '@veche/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CentrifugeSubscriber, type CentrifugeTransport } from '../src/centrifuge-subscriber.ts';
import { EventSourceSubscriber } from '../src/event-source-subscriber.ts';
import { dumpOf } from '../src/log-dump.ts';
import { createThread, type Person, register } from '../src/people.ts';
import { PlainSubscriber } from '../src/plain-subscriber.ts';
import { PollSubscriber } from '../src/poll-subscriber.ts';
import { byRest, Sender } from '../src/sender.ts';
import { type Standalone, startStandalone } from '../src/standalone.ts';
import type { Subscriber } from '../src/subscriber.ts';

const WINDOW_MS = 4_000;
const CROWD = 40;
const UNLIMITED = { GATEWAY_MESSAGES_PER_MINUTE: '1000000', HTTP_REQUESTS_PER_MINUTE: '1000000', GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8' };

let server: Standalone;
let anna: Person;
let channel: string;
const history = new HistoryRecorder();
let subscribers: readonly Subscriber[];
let sender: Sender;

beforeAll(async () => {
  server = await startStandalone({ env: { ...UNLIMITED, GATEWAY_DRAIN_MS: String(WINDOW_MS) } });
  anna = await register(server.origin, 'anna');
  const made = await createThread(server.origin, anna, 'a thread', []);
  ({ channel } = made);
  const creation = { f: 'send', process: 'anna', channel, command_id: made.command_id } as const;
  history.add({ ...creation, type: 'invoke', hash: hashOf(ThreadCreated.kind) });
  history.add({ ...creation, type: 'ok', seq: made.seq });
  const { origin } = server;
  const { token } = anna;
  subscribers = [
    ...(['websocket', 'http_stream', 'sse'] satisfies CentrifugeTransport[]).map(
      (transport) => new CentrifugeSubscriber(transport, transport, origin, token, [channel], history),
    ),
    new PlainSubscriber('plain', origin, token, [channel], history),
    new EventSourceSubscriber('event source', origin, token, channel, history),
    new PollSubscriber('poll', origin, token, channel, history),
  ];
  sender = new Sender('sender', byRest(origin, anna), history);
  await Promise.all(subscribers.map((one) => one.start()));
});

afterAll(async () => {
  await Promise.all(subscribers.map((one) => one.stop()));
  await server.stop();
});

const status = async (url: string, init: RequestInit = {}): Promise<Response> => {
  const response = await fetch(url, init);
  await response.arrayBuffer();
  return response;
};

/** Sockets that only wait to be told to move. */
async function crowd(): Promise<readonly Promise<{ readonly code: number; readonly at: number }>[]> {
  const sockets = Array.from(
    { length: CROWD },
    () => new WebSocket(`${server.origin.replace('http', 'ws')}/realtime/ws`, { headers: { authorization: `Bearer ${anna.token}` } }),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  return sockets.map((socket) => once(socket, 'close').then(([code]) => ({ code: code as number, at: performance.now() })));
}

/** What an upgrade is answered with. */
async function upgrade(path: string): Promise<{ readonly status: number | undefined; readonly retryAfter: string | undefined }> {
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}${path}`);
  socket.on('error', () => {});
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number; headers: Record<string, string> }];
  return { status: answer.statusCode, retryAfter: answer.headers['retry-after'] };
}

describe('a process that is asked to stop', () => {
  it('is not ready at once and alive, takes nobody new, serves who is there and moves them at an even rate; they miss nothing', async () => {
    await sender.send(channel, 'before');
    const moved = await crowd();
    const began = performance.now();
    const exit = server.terminate();
    await eventually(async () => (await status(`${server.privateOrigin}/health/ready`)).status === 503);
    expect(await (await fetch(`${server.privateOrigin}/health/ready`)).json()).toMatchObject({ error: { process: { reason: 'draining' } } });
    expect((await status(`${server.privateOrigin}/health/live`)).status).toBe(200);

    for (const path of ['/connection/websocket', '/realtime/ws']) {
      const refused = await upgrade(path);
      expect(refused.status).toBe(503);
      expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1);
    }
    const stream = await status(`${server.origin}/connection/http_stream`, { method: 'POST', body: JSON.stringify({ id: 1, connect: { token: anna.token } }) });
    expect([stream.status, Number(stream.headers.get('retry-after')) >= 1]).toEqual([503, true]);
    const poll = await status(`${server.origin}/chat/events?thread_id=${channel.slice('thread:'.length)}&after=0`, {
      headers: { accept: 'application/json', authorization: `Bearer ${anna.token}` },
    });
    expect([poll.status, poll.headers.get('connection')]).toEqual([200, 'close']);

    // Still served: those whose turn has not come hear of it, and the others when they are back.
    await sender.send(channel, 'while it drains');
    expect(performance.now() - began).toBeLessThan(WINDOW_MS);
    expect(await exit).toBe(0);

    const ends = await Promise.all(moved);
    expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([3001]));
    const moments = ends.map(({ at }) => at - began).toSorted((a, b) => a - b);
    // In random order with the six others, so a few of the crowd's own may be missing from either end.
    for (const part of [0, 1, 2, 3]) {
      const [from, to] = [(WINDOW_MS * part) / 4, (WINDOW_MS * (part + 1)) / 4];
      expect(moments.filter((at) => at >= from && at < to + 250).length).toBeGreaterThanOrEqual(CROWD / 4 - 5);
    }
    expect(moments.at(-1)).toBeLessThan(WINDOW_MS + 1_000);

    await server.start();
    const last = await sender.send(channel, 'after');
    await eventually(() => subscribers.every((one) => one.shown(channel) === last), { timeoutMs: 30_000, what: 'everybody is back' });
    const verdict = checkHistory({ entries: history.entries, log: await dumpOf(server.origin, anna.token, channel) });
    expect(verdict.violations).toEqual([]);
    expect(verdict.counts).toMatchObject({ acknowledged: 4 });
  });
});
