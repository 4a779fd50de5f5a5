/**
 * `node tools/bench/peers/socket-io.ts [--quick]`: one room emit of Socket.IO 4.8 beside one broadcast of ours and the kernel's floor, in
 * turn, in one run: the same load generator, as many sockets, the same bytes. Socket.IO is installed into a temporary folder with npm.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@veche/testing';
import { median } from '../bench.ts';
import { atTheEnd, endAll } from '../ends.ts';
import { compile, LoadClient, OUTPUT } from '../native/native.ts';
import { cpuOf, since } from '../process.ts';
import { startServer } from '../server.ts';

const VERSION = '4.8.1';
const BYTES = 200;

interface Side {
  readonly name: string;
  readonly pid: number;
  readonly client: LoadClient;
  /** One document of BYTES to every socket. */
  readonly emit: () => Promise<unknown>;
}

function installed(): string {
  const home = mkdtempSync(join(tmpdir(), 'veche-peer-'));
  atTheEnd(async () => rmSync(home, { recursive: true, force: true }));
  writeFileSync(join(home, 'package.json'), '{"private":true,"type":"module"}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `socket.io@${VERSION}`], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  copyFileSync(join(import.meta.dirname, 'socket-io-server.mjs'), join(home, 'server.mjs'));
  return home;
}

/** The hello file of a load generator. */
function helloFile(name: string, text: string): string {
  const file = join(OUTPUT, `${name}.hello`);
  writeFileSync(file, text);
  return file;
}

async function socketIo(program: string, sockets: number): Promise<Side> {
  const port = await freePort();
  const child = spawn('taskset', ['-c', '0', 'node', 'server.mjs', `${port}`], { cwd: installed(), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const end = atTheEnd(async () => child.kill('SIGKILL'));
  await new Promise((resolve, reject) => child.once('message', resolve).once('exit', () => reject(new Error('the peer ended at its start'))));
  const client = new LoadClient(program, [`${port}`, 'ws:/socket.io/?EIO=4&transport=websocket', `${sockets}`, '127.1.9', helloFile('peer', '40')]);
  // The opening packet, and the answer to the connect.
  await client.until((stat) => stat.documents >= 2 * sockets);
  const text = 'x'.repeat(BYTES - '42["pub",""]'.length);
  return { name: `Socket.IO ${VERSION}`, pid: child.pid ?? 0, client, emit: async () => void (child.connected ? child.send(text) : await end.now()) };
}

async function ours(program: string, sockets: number): Promise<Side> {
  const server = await startServer();
  const hello = helloFile('ours', '{"id":1,"connect":{}}%n{"id":2,"subscribe":{"channel":"bench:one"}}');
  const client = new LoadClient(program, [`${server.port}`, 'ws:/connection/websocket', `${sockets}`, '127.1.1', hello]);
  await client.until((stat) => stat.documents >= 2 * sockets);
  const around = '{"push":{"channel":"bench:one","pub":{"data":{"text":""}}}}'.length;
  return { name: 'ours', pid: server.pid, client, emit: () => server.api('publish', { channel: 'bench:one', data: { text: 'x'.repeat(BYTES - around) } }) };
}

/** µs of CPU for each delivery. */
async function measure({ pid, client, emit }: Side, sockets: number, rounds: number): Promise<{ user: number; system: number }> {
  client.tell('reset');
  const before = cpuOf(pid);
  for (let round = 1; round <= rounds; round++) {
    await emit();
    await client.until((stat) => stat.documents >= round * sockets);
  }
  const used = since(before, cpuOf(pid));
  const scale = 1e6 / (sockets * rounds);
  return { user: used.user * scale, system: used.system * scale };
}

async function main(quick: boolean): Promise<void> {
  const [floor, client] = [compile('floor'), compile('client')];
  if (!floor || !client) throw new Error('this needs gcc: apt-get install gcc libc6-dev');
  const [sockets, rounds] = [quick ? 1000 : 9000, 30];
  const sides = [await ours(client, sockets), await socketIo(client, sockets)];
  const figures = new Map<string, number[]>([['floor', []], ...sides.map(({ name }): [string, number[]] => [name, []])]);
  for (let repeat = 0; repeat < (quick ? 2 : 5); repeat++) {
    const { cpu_us: least } = JSON.parse(execFileSync(floor, [`${sockets}`, `${BYTES}`, `${rounds}`], { encoding: 'utf8' })) as { cpu_us: number };
    figures.get('floor')!.push(least);
    for (const side of sides) {
      const { user, system } = await measure(side, sockets, rounds);
      figures.get(side.name)!.push(user + system);
      console.error(`${side.name}: user ${user.toFixed(2)}, system ${system.toFixed(2)} µs; floor ${least.toFixed(2)}`);
    }
  }
  const least = median(figures.get('floor')!);
  for (const [name, values] of figures)
    console.log(
      `${name.padEnd(18)} ${median(values).toFixed(2)} µs CPU a delivery of ${BYTES} B to ${sockets} sockets = ${(median(values) / least).toFixed(2)} × floor`,
    );
}

try {
  await main(process.argv.includes('--quick'));
} finally {
  await endAll();
}
