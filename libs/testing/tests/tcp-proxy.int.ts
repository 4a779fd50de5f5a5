import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, once, startTcpProxy, type TcpProxy } from '../src/index.ts';

let echo: Server;
let proxy: TcpProxy;
let served: Socket[];
const opened: Socket[] = [];

beforeEach(async () => {
  served = [];
  echo = createServer((socket) => {
    served.push(socket);
    socket.on('error', () => undefined).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startTcpProxy({ target: (echo.address() as AddressInfo).port, seed: 7 });
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await proxy.stop();
  for (const socket of served) socket.destroy();
  echo.close();
});

interface Client {
  readonly socket: Socket;
  heard: string;
  gone: boolean;
}

async function dial(): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1');
  opened.push(socket);
  const client: Client = { socket, heard: '', gone: false };
  socket.setEncoding('utf8').on('data', (text: string) => (client.heard += text));
  socket.on('error', () => undefined).on('close', () => (client.gone = true));
  await once(socket, 'connect');
  return client;
}

async function say(client: Client, text: string): Promise<void> {
  const before = client.heard.length;
  client.socket.write(text);
  await eventually(() => client.heard.length >= before + text.length);
}

test('passes everything on in both directions, and counts it', async () => {
  const client = await dial();
  const text = 'x'.repeat(300_000);
  await say(client, text);
  expect(client.heard).toBe(text);
  expect(proxy.bytes).toEqual({ up: 300_000, down: 300_000 });
  client.socket.end();
  await eventually(() => proxy.connections === 0);
});

test('a cut resets what is open and lets new connections through', async () => {
  const client = await dial();
  await say(client, 'a');
  proxy.cut();
  await eventually(() => client.gone && served[0]?.destroyed);
  await say(await dial(), 'b');
});

test('a cut after n bytes lets exactly those through, of each connection, until it is healed', async () => {
  proxy.cutAfter(10, 'up');
  for (let n = 1; n <= 2; n++) {
    const client = await dial();
    client.socket.write('0123456789abcdef');
    await eventually(() => client.gone);
    expect(proxy.bytes.up).toBe(10 * n);
  }
  proxy.heal();
  await say(await dial(), '0123456789abcdef');
});

test('random cuts are those of the seed', async () => {
  /** Where each of some connections was cut, as direction and byte. */
  const cuts = async (seed: number): Promise<string[]> => {
    const found: string[] = [];
    const cutting = await startTcpProxy({ target: (echo.address() as AddressInfo).port, seed });
    cutting.cutAtRandom(1_000);
    for (let n = 0; n < 8; n++) {
      const { up, down } = cutting.bytes;
      const socket = connect(cutting.port, '127.0.0.1').on('error', () => undefined);
      socket.write('y'.repeat(4_000));
      await new Promise((resolve) => socket.once('close', resolve));
      const whole = cutting.bytes.up - up === 4_000;
      found.push(whole ? `down ${cutting.bytes.down - down}` : `up ${cutting.bytes.up - up}`);
    }
    await cutting.stop();
    return found;
  };
  const first = await cuts(7);
  expect(await cuts(7)).toEqual(first);
  expect(await cuts(8)).not.toEqual(first);
  expect(new Set(first.map((cut) => cut.split(' ')[0]))).toEqual(new Set(['up', 'down']));
});

test('a muted proxy keeps connections and says nothing; what was sent arrives when it is healed', async () => {
  const client = await dial();
  await say(client, 'a');
  proxy.mute();
  client.socket.write('b');
  const late = await dial();
  late.socket.write('c');
  await eventually(() => proxy.connections === 2);
  expect([client.heard, late.heard]).toEqual(['a', '']);
  proxy.heal();
  await eventually(() => client.heard === 'ab' && late.heard === 'c');
});

test('muted in one direction, the other still passes', async () => {
  const client = await dial();
  proxy.mute('down');
  client.socket.write('a');
  await eventually(() => proxy.bytes.up === 1);
  expect(client.heard).toBe('');
  proxy.heal();
  await eventually(() => client.heard === 'a');
});

test('half-open: both ends live on and hear nothing more, even after a heal; new connections are served', async () => {
  const client = await dial();
  await say(client, 'a');
  proxy.halfOpen();
  client.socket.write('b');
  served[0]?.write('c');
  proxy.heal();
  await say(await dial(), 'd');
  expect([client.heard, client.gone, served[0]?.destroyed]).toEqual(['a', false, false]);
});

test('a slow proxy takes its time and keeps the order', async () => {
  const client = await dial();
  proxy.delay(50, 50);
  const began = performance.now();
  for (const letter of 'abcdefgh') client.socket.write(letter);
  await eventually(() => client.heard === 'abcdefgh');
  expect(performance.now() - began).toBeGreaterThan(95);
  proxy.heal();
  proxy.throttle(100_000);
  const throttled = performance.now();
  await say(client, 'x'.repeat(20_000));
  expect(performance.now() - throttled).toBeGreaterThan(190);
});

test('a refusing proxy resets new connections, and can be pointed elsewhere', async () => {
  proxy.refuse();
  const refused = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
  await new Promise((resolve) => refused.once('close', resolve));
  proxy.heal();
  const other = createServer((socket) => socket.on('error', () => undefined).end('elsewhere')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  proxy.retarget((other.address() as AddressInfo).port);
  const client = await dial();
  await eventually(() => client.heard === 'elsewhere' && client.gone);
  other.close();
});
