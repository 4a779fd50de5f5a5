import { randomBytes } from 'node:crypto';
import { jaegerProblem, type ReceivedSpan, startJaeger, startOtlpCollector } from '@veche/testing';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createThread, demand, type Person, register } from '../src/people.ts';
import { RawSocket } from '../src/raw-socket.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

/** What takes the spans, and is asked for a trace afterwards. */
interface TraceStore {
  readonly endpoint: string;
  trace(traceId: string, names: readonly string[]): Promise<readonly ReceivedSpan[]>;
}

/** NOTIFY carries positions and no events: there the trace ends at the publish. */
const DELIVERS = inject('topology') !== 'postgres';
const WAY = ['send chat.send-message.v1', 'handle chat.send-message.v1', 'batch', 'transaction', 'publish events', ...(DELIVERS ? ['deliver'] : [])];

const newTrace = (): { readonly id: string; readonly traceparent: string } => {
  const id = randomBytes(16).toString('hex');
  return { id, traceparent: `00-${id}-${randomBytes(8).toString('hex')}-01` };
};

/** The names from a span up to the root. */
function ancestry(spans: readonly ReceivedSpan[], name: string): string[] {
  const names: string[] = [];
  for (let span = spans.find((each) => each.name === name); span; span = spans.find((each) => each.spanId === span!.parent)) names.push(span.name);
  return names;
}

let server: Veche;
let anna: Person;
let bo: Person;
let channel: string;

async function open(store: TraceStore): Promise<void> {
  server = await startVeche({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: store.endpoint,
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      HTTP_REQUESTS_PER_MINUTE: '100000',
      GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8',
      LOG_LEVEL: 'debug',
      LOG_PULSE_MS: '250',
    },
  });
  [anna, bo] = [await register(server.origin, 'anna'), await register(server.origin, 'bo')];
  ({ channel } = await createThread(server.origin, anna, 'traces', [bo]));
}

/** A session that listens; the trace of a message ends at the write to it. */
async function listening(): Promise<RawSocket> {
  const socket = await RawSocket.open(server.origin, '/connection/websocket');
  await socket.ask({ id: 1, connect: { token: bo.token } });
  await socket.ask({ id: 2, subscribe: { channel } });
  return socket;
}

/** Sends a message in a frame that brings its traceparent. */
async function sendFrame(traceparent: string, text: string): Promise<void> {
  const socket = await RawSocket.open(server.origin, '/connection/websocket');
  await socket.ask({ id: 1, connect: { token: anna.token } });
  await socket.ask({ id: 2, rpc: { method: 'chat.send', data: { channel, text } }, traceparent });
  socket.socket.destroy();
}

async function oneTraceFromFrame(store: TraceStore): Promise<readonly ReceivedSpan[]> {
  const { id, traceparent } = newTrace();
  const socket = await listening();
  await sendFrame(traceparent, 'the text of a message');
  const spans = await store.trace(id, ['rpc chat.send', ...WAY]);
  socket.socket.destroy();
  expect(ancestry(spans, 'transaction')).toEqual(['transaction', 'batch', 'handle chat.send-message.v1', 'send chat.send-message.v1', 'rpc chat.send']);
  if (DELIVERS) expect(ancestry(spans, 'deliver').slice(1)).toEqual(ancestry(spans, 'handle chat.send-message.v1'));
  expect(ancestry(spans, 'publish events')[1]).toBe('batch');
  expect(spans.filter(({ name }) => name.startsWith('sql ')).every(({ name }) => ancestry(spans, name).includes('rpc chat.send'))).toBe(true);
  expect(spans.some(({ name }) => name.startsWith('sql '))).toBe(true);
  const made = (name: string): string[] => [...new Set(spans.filter((span) => span.name === name).map(({ service }) => service))];
  if (inject('topology') === 'distributed')
    expect([made('rpc chat.send'), made('transaction'), made('deliver')]).toEqual([['veche-websocket'], ['veche-chat'], ['veche-websocket']]);
  return spans;
}

async function oneTraceFromRequest(store: TraceStore): Promise<void> {
  const { id, traceparent } = newTrace();
  const path = `/chat/threads/${channel.slice('thread:'.length)}/messages`;
  const socket = await listening();
  await demand(server.origin, 'POST', path, { token: anna.token, body: { text: 'over REST' }, headers: { traceparent } });
  const spans = await store.trace(id, WAY);
  socket.socket.destroy();
  expect(ancestry(spans, 'batch').at(-1)).toMatch(/^POST \/chat\//);
}

describe('a collector', () => {
  let store: Awaited<ReturnType<typeof startOtlpCollector>>;
  beforeAll(async () => {
    store = await startOtlpCollector();
    await open(store);
  });
  afterAll(async () => {
    await server.stop();
    store.close();
  });

  it('gets one trace from the frame of the sender to the write to the readers', async () => {
    const spans = await oneTraceFromFrame(store);
    expect(spans.every(({ service }) => service.startsWith('veche-'))).toBe(true);
  });

  it('gets one trace of an HTTP request', () => oneTraceFromRequest(store));

  it('gets one trace of a question to a service, with its SQL', async () => {
    const { id, traceparent } = newTrace();
    await demand(server.origin, 'GET', '/chat/threads', { token: anna.token, headers: { traceparent } });
    const spans = await store.trace(id, ['ask chat.list-threads.v1', 'answer chat.list-threads.v1']);
    const sql = spans.find(({ name }) => name.startsWith('sql '))!;
    expect(ancestry(spans, sql.name).slice(1)).toEqual(['answer chat.list-threads.v1', 'ask chat.list-threads.v1', 'GET /chat/threads']);
  });

  it('gets nothing of what is said, and nothing of who said it', async () => {
    const [{ id, traceparent }, text] = [newTrace(), 'a text that nobody may trace'];
    await sendFrame(traceparent, text);
    await store.trace(id, WAY.slice(0, 5));
    for (const secret of [text, anna.token, anna.id, bo.id, channel]) expect(store.text).not.toContain(secret);
  });

  it('makes the same trace findable in the logs', async () => {
    const { id, traceparent } = newTrace();
    await demand(server.origin, 'GET', '/chat/threads', { token: anna.token, headers: { traceparent } });
    const lines = (): string[] => server.log.split('\n').filter((line) => line.includes(`"trace_id":"${id}"`));
    await expect.poll(lines).not.toEqual([]);
    expect(JSON.parse(lines()[0]!)).toMatchObject({ trace_id: id, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
  });

  it('leaves every process to tell its figures in the log', async () => {
    const socket = await listening();
    await sendFrame(newTrace().traceparent, 'counted');
    const told = (name: string): number[] =>
      server.log
        .split('\n')
        .filter((line) => line.includes('"module":"pulse"') && line.includes(`"${name}"`))
        .map((line) => (JSON.parse(line) as Record<string, number>)[name]!);
    await expect.poll(() => Math.max(...told('acks/s')), { timeout: 10_000 }).toBeGreaterThan(0);
    await expect.poll(() => Math.max(...told('online_ws_clients'))).toBeGreaterThan(0);
    for (const name of ['nacks/s', 'inflight_messages', 'broadcast_queue_length']) expect(told(name)).not.toEqual([]);
    socket.socket.destroy();
  });
});

const problem = jaegerProblem();
if (problem !== undefined) console.log(`The test of a real Jaeger is left out. ${problem}`);

describe.skipIf(problem !== undefined)('a real Jaeger', () => {
  let store: Awaited<ReturnType<typeof startJaeger>>;
  // Where Go is and no Jaeger, the first run builds one.
  beforeAll(async () => {
    store = await startJaeger();
    await open(store);
  }, 900_000);
  afterAll(async () => {
    await server?.stop();
    await store?.remove();
  });

  it('shows one trace from the frame of the sender to the write to the readers, by its query API', async () => {
    await oneTraceFromFrame(store);
    await oneTraceFromRequest(store);
  });
});
