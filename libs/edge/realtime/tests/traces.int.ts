import { type OtlpCollector, startOtlpCollector } from '@veche/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Doors } from '../src/doors.ts';
import { Client } from './client.ts';
import { FakeTransport } from './world/fake-transport.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const FRAME = `00-${TRACE}-b7ad6b7169203331-01`;

let collector: OtlpCollector;
let world: World;

/** Spans go out when the world closes. */
async function open(sampler: string): Promise<void> {
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_TRACES_SAMPLER: sampler };
  world = await openWorld(settings);
  world.bus.join('thread:7', 'anna', 'bo');
}
beforeEach(async () => {
  collector = await startOtlpCollector();
});
afterEach(() => collector.close());

const send = (text: string, extra: object = {}): string =>
  JSON.stringify({ id: 9, rpc: { method: 'chat.send', data: { channel: 'thread:7', text, command_id: 'c-1' } }, ...extra });

it('a frame with a traceparent is traced from there, and one without is left to the sampler', async () => {
  await open('parentbased_always_off');
  const anna = await Client.connected(world, 'anna');
  anna.say(send('the secret', { traceparent: FRAME }));
  await anna.reply(9);
  await anna.ask('rpc', { method: 'chat.send', data: { channel: 'thread:7', text: 'untraced' } });
  await world.close();
  expect(collector.spans.map(({ name, traceId, parent }) => ({ name, traceId, parent }))).toEqual([
    { name: 'rpc chat.send', traceId: TRACE, parent: 'b7ad6b7169203331' },
  ]);
  expect(collector.spans[0]!.attributes).toMatchObject({ 'veche.door': 'websocket' });
  expect(collector.text).not.toMatch(/secret|untraced|thread:7|anna/);
});

it('a plain message may bring one too, and it is no part of what is sent', async () => {
  await open('parentbased_always_off');
  const transport = new FakeTransport('websocket', 'plain_websocket');
  const door = world.get(Doors).openPlain(transport, { address: '192.0.2.7', token: tokenOf('anna') });
  await new Promise((resolve) => setImmediate(resolve));
  door.frame(Buffer.from(JSON.stringify({ type: 'send', id: 'm-1', thread: '7', text: 'hello', traceparent: FRAME })));
  await expect.poll(() => transport.documents.some(({ ack }) => ack === 'm-1')).toBe(true);
  await world.close();
  expect(collector.spans.map(({ name, traceId }) => [name, traceId])).toEqual([['send', TRACE]]);
  expect(world.bus.commands[0]?.data).toEqual({ text: 'hello' });
});

it('a handshake that is traced does not trace every message of its session, it is linked to', async () => {
  await open('always_on');
  const client = new Client(world, 'websocket', { address: '192.0.2.7', traceparent: FRAME });
  await client.ask('connect', { token: tokenOf('anna') });
  await client.ask('ping', {});
  await world.close();
  const [connect, ping] = collector.spans;
  expect(connect).toMatchObject({ name: 'connect', traceId: TRACE });
  expect(ping).toMatchObject({ name: 'ping', links: ['b7ad6b7169203331'] });
  expect(ping!.traceId).not.toBe(TRACE);
});

it('what a client asks for and does not get is seen as failed, by the name of the error', async () => {
  await open('always_on');
  const eve = await Client.connected(world, 'eve');
  await eve.ask('subscribe', { channel: 'thread:7' });
  await eve.ask('rpc', { method: 'no such method 1234', data: {} });
  await world.close();
  const failed = collector.spans.filter(({ attributes }) => attributes['error.type'] !== undefined).toSorted((a, b) => b.name.localeCompare(a.name));
  expect(failed.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['subscribe', 'permission_denied'],
    ['rpc', 'not_available'],
  ]);
  expect(collector.text).not.toContain('1234');
});

it('the write of a traced event is a span of its trace on every gateway that has a reader, and no other event is', async () => {
  await open('always_off');
  const anna = await Client.connected(world, 'anna');
  const bo = await Client.connected(world, 'bo');
  for (const client of [anna, bo]) await client.ask('subscribe', { channel: 'thread:7' });
  world.bus.fate = (event) => [event.seq === 2 ? { ...event, traceparent: FRAME } : event];
  for (let seq = 1; seq <= 3; seq++) await world.bus.happen('thread:7');
  await expect.poll(() => bo.seqs('thread:7')).toEqual([1, 2, 3]);
  await world.close();
  expect(collector.spans).toMatchObject([{ name: 'deliver', traceId: TRACE, parent: 'b7ad6b7169203331', attributes: { 'veche.recipients': 2 } }]);
  expect(JSON.stringify(bo.documents)).not.toContain(TRACE);
});
