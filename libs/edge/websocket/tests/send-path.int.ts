import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '@veche/testing';
import { Sessions } from '@veche/edge-realtime';
import { type Server, startServer } from './server.ts';
import { Reader, textOf } from './stream-reader.ts';

const CHANNELS = ['chat:heavy', 'chat:a', 'chat:b', 'chat:c', 'chat:d'];
const READERS = 120;
const ROUNDS = 250;

let server: Server;
let readers: Reader[] = [];
afterEach(async () => {
  for (const reader of readers) reader.socket.destroy();
  readers = [];
  await server.close();
});

const open = async (channel: string): Promise<Reader> => {
  const reader = await Reader.open(server.port, channel);
  readers.push(reader);
  return reader;
};
const happen = (channel: string): Promise<unknown> =>
  server.bus.happen(channel, { data: JSON.stringify(textOf(channel, (server.log.open(channel).events.at(-1)?.seq ?? 0) + 1)) });
const top = (channel: string): number => server.log.open(channel).events.at(-1)?.seq ?? 0;
const some = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;

// One suite for both ways that bytes can take: nothing that a client sees may tell them apart.
describe.each(['auto', 'off'])('with GATEWAY_NATIVE_SEND=%s', (GATEWAY_NATIVE_SEND) => {
  it('every stream is exact while clients close, come back on the same descriptors, and some do not read', { timeout: 60_000 }, async () => {
    // Nobody is closed for being slow: what waits is to be compared too.
    server = await startServer({
      GATEWAY_NATIVE_SEND,
      GATEWAY_MAX_OUTBOX_BYTES: '67108864',
      GATEWAY_WS_MAX_OUTBOX: '10000',
      GATEWAY_CONNECTS_PER_USER: '10000',
    });
    for (let at = 0; at < READERS; at++) await open(CHANNELS[at % CHANNELS.length]!);
    const frozen = [0, 1].map((at) => readers[at]!);
    for (const reader of frozen) reader.socket.pause();
    for (let round = 0; round < ROUNDS; round++) {
      const leaver = some(readers.filter((reader) => !frozen.includes(reader)));
      if (round % 3 === 0) leaver.socket.destroy();
      else if (round % 3 === 1) leaver.close();
      else leaver.socket.resetAndDestroy();
      readers = readers.filter((reader) => reader !== leaver);
      const comer = open(some(CHANNELS));
      // The next turn of the server's loop closes the one's descriptor, gives it to the other, and then comes to these broadcasts,
      // before anybody has heard that the socket is closed.
      await new Promise(setImmediate);
      for (const channel of CHANNELS) await happen(channel);
      await comer;
      leaver.check();
    }
    for (const reader of frozen) reader.socket.resume();
    for (const reader of readers)
      await eventually(() => reader.broken || reader.last === top(reader.channel), { what: `${reader.channel} whole`, timeoutMs: 20_000 });
    for (const reader of readers) reader.check();
    // The kernel took less than was sent to those who did not read: the rest went the other way, and in order.
    expect(frozen[0]!.last - frozen[0]!.first).toBe(top('chat:heavy') - frozen[0]!.first);
  });

  it('a group larger than one part gets everything in order, with joins and leaves between the parts', { timeout: 60_000 }, async () => {
    server = await startServer({
      GATEWAY_NATIVE_SEND,
      GATEWAY_WS_MAX_OUTBOX: '10000',
      GATEWAY_MAX_SESSIONS_PER_USER: '10000',
      GATEWAY_CONNECTS_PER_USER: '10000',
    });
    const opening: Promise<Reader>[] = [];
    for (let at = 0; at < 2_300; at++) {
      opening.push(open('chat:a'));
      if (opening.length === 100) await Promise.all(opening.splice(0));
    }
    await Promise.all(opening);
    for (let round = 0; round < 30; round++) {
      await happen('chat:a');
      // In the middle of the broadcast, whose parts are a turn apart.
      await new Promise(setImmediate);
      readers.splice(Math.floor(Math.random() * readers.length), 1)[0]!.socket.destroy();
      void open('chat:a').catch(() => {});
    }
    for (const reader of readers) await eventually(() => reader.broken || reader.last === top('chat:a'), { what: 'all of them whole', timeoutMs: 20_000 });
    for (const reader of readers) reader.check();
  });

  it('a client that never reads is closed as slow, and its neighbours get everything', { timeout: 60_000 }, async () => {
    server = await startServer({ GATEWAY_NATIVE_SEND });
    const neighbours = [await open('chat:heavy'), await open('chat:heavy')];
    const frozen = await open('chat:heavy');
    frozen.socket.pause();
    const { size } = server.get(Sessions);
    for (let round = 0; round < 1_000 && server.get(Sessions).size === size; round++) {
      await happen('chat:heavy');
      const sent = top('chat:heavy');
      for (const reader of neighbours) await eventually(() => reader.broken || reader.last === sent, { what: 'a neighbour whole' });
    }
    expect(server.get(Sessions).size).toBe(size - 1);
    for (const reader of neighbours) reader.check();
  });
});
