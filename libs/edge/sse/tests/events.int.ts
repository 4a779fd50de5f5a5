import { once } from 'node:events';
import { VecheError } from '@veche/contracts';
import { formatPositions } from '@veche/edge-realtime';
import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, serve, type Served } from './doors.ts';

interface PollBody {
  readonly events: unknown;
  readonly recovered: boolean;
}

let served: Served;
beforeEach(async () => {
  served = await serve();
});
afterEach(() => served.stop());

describe('an EventSource', () => {
  test('reads events and goes on from the last id after a break', async () => {
    const source = new EventSource(`${served.url}/chat/events?thread_id=7&after=e:2`);
    const received: { data: string; id: string }[] = [];
    source.addEventListener('message', ({ data, lastEventId }) => received.push({ data: String(data), id: lastEventId }));
    const first = await served.doors.nth(0);
    expect(first.requests).toEqual([{ channel: 'thread:7', after: { epoch: 'e', seq: 2 } }]);
    expect([first.transport.framing, first.transport.door]).toEqual(['sse', 'event_source']);
    first.transport.write(Buffer.from('retry: 10\nid: e:3\ndata: {"seq":3}\n\n'));
    await new Promise((resolve) => source.addEventListener('message', resolve, { once: true }));
    first.transport.close({ code: 3001, reason: 'shutdown', meaning: '' });
    const second = await served.doors.nth(1);
    source.close();
    expect(second.requests).toEqual([{ channel: 'thread:7', after: { epoch: 'e', seq: 3 } }]);
    expect(received).toEqual([{ data: '{"seq":3}', id: 'e:3' }]);
  });

  test('is open before the first event', async () => {
    const source = new EventSource(`${served.url}/realtime/events?channel=news:a`);
    await new Promise((resolve) => source.addEventListener('open', resolve, { once: true }));
    source.close();
    expect((await served.doors.nth(0)).requests).toEqual([{ channel: 'news:a' }]);
  });

  test('follows several channels with one composite id', async () => {
    const after = formatPositions([{ channel: 'b', epoch: 'f', seq: 4 }]);
    const answer = await fetch(`${served.url}/realtime/events?channel=a&channel=b`, { headers: { accept: 'text/event-stream', 'last-event-id': after } });
    expect((await served.doors.nth(0)).requests).toEqual([{ channel: 'a' }, { channel: 'b', after: { epoch: 'f', seq: 4 } }]);
    await answer.body?.cancel();
  });

  test.each([
    ['the header', '/realtime/events?channel=a', { authorization: 'Bearer h' }, 'h'],
    ['the cookie', '/realtime/events?channel=a', { cookie: 'veche=c' }, 'c'],
    ['the address', '/realtime/events?channel=a&token=q', {}, 'q'],
    ['a ticket', '/realtime/events?channel=a&ticket=t', {}, 'of a ticket'],
    ['nothing', '/realtime/events?channel=a', {}, undefined],
  ])('brings its credential in %s', async (_where, path, headers, token) => {
    const answer = await fetch(`${served.url}${path}`, { headers: headers as Record<string, string> });
    expect((await served.doors.nth(0)).token).toBe(token);
    await answer.body?.cancel();
  });

  test('a refusal is an answer with a status, before anything was streamed', async () => {
    served.doors.refusal = new VecheError('unauthorized');
    const answer = await fetch(`${served.url}/chat/events?thread_id=1`, { headers: { accept: 'text/event-stream' } });
    expect([answer.status, (await errorOf(answer)).name]).toEqual([401, 'unauthorized']);
  });

  test('a refusal that passes by itself does not end an EventSource, which gives up on any status but 200', async () => {
    served.waitMs = 20;
    const source = new EventSource(`${served.url}/chat/events?thread_id=1`);
    const refused = await new Promise<MessageEvent>((resolve) => source.addEventListener('refused', resolve, { once: true }));
    expect((JSON.parse(String(refused.data)) as { error: { name: string } }).error.name).toBe('too_many_requests');
    expect(served.doors.opened).toHaveLength(0);
    served.waitMs = 0;
    await served.doors.nth(0);
    source.close();
  });

  test.each(['e:-1', 'x', 'e:1\u00e4', 'e:1;e:2', 'A'.repeat(9_000)])('a Last-Event-ID of %.20j is refused', async (id) => {
    expect((await fetch(`${served.url}/realtime/events?channel=a`, { headers: { 'last-event-id': id } })).status).toBe(400);
    expect(served.doors.opened).toHaveLength(0);
  });

  test('what the core writes while it lets the client in comes after the head', async () => {
    const gate = Promise.withResolvers<void>();
    served.doors.gate = gate.promise;
    const answer = fetch(`${served.url}/realtime/events?channel=a`);
    gate.resolve();
    const { transport } = await served.doors.nth(0);
    transport.write(Buffer.from('data: 1\n\n'));
    transport.write(Buffer.from('data: 2\n\n'));
    const { body } = await answer;
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('data: 2\n\n')) text += (await reader.read()).value ?? '';
    expect(text).toBe('data: 1\n\ndata: 2\n\n');
    await reader.cancel();
  });
});

describe('a poll', () => {
  const poll = (path: string, headers: Record<string, string> = {}) => fetch(`${served.url}${path}`, { headers: { accept: 'application/json', ...headers } });
  const channel = { channel: 'thread:7', epoch: 'e', seq: 3, recovered: true, more: false, events: ['{"seq":3}'] };

  test('gives events and a tag, and 304 without a body when nothing is new', async () => {
    served.doors.page = { cursor: 'e:3', channels: [channel] };
    const first = await poll('/chat/events?thread_id=7&after=e:2');
    expect([first.status, first.headers.get('etag'), first.headers.get('cache-control')]).toEqual([200, '"e:3"', 'private, no-store']);
    expect(await first.json()).toEqual({ ...channel, events: [{ seq: 3 }] });
    served.doors.page = { cursor: 'e:3', channels: [{ ...channel, events: [] }] };
    const second = await poll('/chat/events?thread_id=7', { 'if-none-match': '"e:3"' });
    expect([second.status, await second.text(), second.headers.get('etag')]).toEqual([304, '', '"e:3"']);
    expect(served.doors.polled).toEqual([[{ channel: 'thread:7', after: { epoch: 'e', seq: 2 } }], [{ channel: 'thread:7', after: { epoch: 'e', seq: 3 } }]]);
  });

  test('with a tag alone goes on from there, so that the same address is enough', async () => {
    served.doors.page = { cursor: 'e:4', channels: [{ ...channel, seq: 4, events: ['{"seq":4}'] }] };
    const answer = await poll('/chat/events?thread_id=7', { 'if-none-match': '"e:3"' });
    expect([answer.status, ((await answer.json()) as PollBody).events, answer.headers.get('etag')]).toEqual([200, [{ seq: 4 }], '"e:4"']);
  });

  test('of a lost position is never 304', async () => {
    served.doors.page = { cursor: 'e:3', channels: [{ ...channel, events: [], recovered: false }] };
    const answer = await poll('/chat/events?thread_id=7', { 'if-none-match': '"e:3"' });
    expect([answer.status, ((await answer.json()) as PollBody).recovered]).toEqual([200, false]);
  });

  test('a limit makes a shorter page', async () => {
    served.doors.page = { cursor: 'e:3', channels: [{ ...channel, events: ['{"seq":2}', '{"seq":3}'] }] };
    expect(await (await poll('/chat/events?thread_id=7&after=e:1&limit=1')).json()).toMatchObject({ seq: 2, more: true, events: [{ seq: 2 }] });
    expect((await poll('/chat/events?thread_id=7&limit=0')).status).toBe(400);
  });

  test('too many polls of one token are 429', async () => {
    await served.stop();
    served = await serve({ pollsPerMinute: 2 });
    served.doors.page = { cursor: 'e:3', channels: [channel] };
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await poll('/chat/events?thread_id=7', { authorization: 'Bearer t' })).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await poll('/chat/events?thread_id=7', { authorization: 'Bearer other' })).status).toBe(200);
  });

  test('catching up is not counted: whoever is behind is to ask again at once', async () => {
    await served.stop();
    served = await serve({ pollsPerMinute: 2 });
    served.doors.page = { cursor: 'e:3', channels: [{ ...channel, more: true }] };
    for (let n = 0; n < 10; n++) expect((await poll('/chat/events?thread_id=7&after=e:2')).status).toBe(200);
  });

  test('a refusal has its status', async () => {
    served.doors.refusal = new VecheError('permission_denied');
    expect((await poll('/chat/events?thread_id=7')).status).toBe(403);
  });
});

test('nothing is left open when the server stops', async () => {
  const source = new EventSource(`${served.url}/realtime/events?channel=a`);
  await once(served.server.server, 'request');
  await served.doors.nth(0);
  await served.stop();
  source.close();
  expect(served.server.server.listening).toBe(false);
  served = await serve();
});
