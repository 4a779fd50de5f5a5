// `npm run start:distributed` as it is typed: a table that is true, a page, what is killed comes back, and nothing is left.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, freePort } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createThread, demand, register } from '../src/people.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NAMES = ['auth', 'chat', 'notification', 'api', 'websocket', 'sse'].flatMap((app) => [`${app}-1`, `${app}-2`]);
const SERVERS = ['postgres', 'replica', 'pgbouncer', 'redis', 'rabbitmq', 'nginx'];

let home: string;
let port: number;
let running: Started;

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function starter(data: string, at: number): Started {
  const child = spawn(process.execPath, [join(ROOT, 'tools/distributed/main.ts'), '--data', data, '--port', String(at)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: ROOT,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { child, output: () => output, ended: new Promise((resolve) => child.once('close', resolve)) };
}

async function started(): Promise<Started> {
  const made = starter(join(home, 'data'), port);
  await eventually(() => made.output().includes('Veche is ready') || made.child.exitCode !== null, { timeoutMs: 110_000, what: 'the constellation is ready' });
  if (made.child.exitCode !== null) throw new Error(made.output());
  return made;
}

/** Name to process id, as the table says. */
const tableOf = (text: string): ReadonlyMap<string, number> =>
  new Map([...text.matchAll(/^ {2}(\S+) +(\d+) +\S+ +\S+ {2}(ready|runs)$/gm)].map(([, name = '', pid]) => [name, Number(pid)]));

/** Every process that has the folder, or one of the starter's temporary ones, in its command or settings. */
function left(starterPid: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
        return words.includes(home) || words.includes(`veche-server-${starterPid}-`) ? [`${pid} ${words.slice(0, 80)}`] : [];
      } catch {
        return []; // gone meanwhile
      }
    });
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'veche distributed '));
  port = await freePort();
  running = await started();
});
afterAll(async () => {
  running.child.kill('SIGTERM');
  await running.ended;
  rmSync(home, { recursive: true, force: true });
});

test('the table names two of each edge and service and every server, with numbers of processes that live', () => {
  const table = tableOf(running.output());
  expect([...table.keys()]).toEqual([...NAMES, ...SERVERS]);
  for (const pid of table.values()) process.kill(pid, 0);
});

test('the page is served, and a message goes through all of it', async () => {
  const origin = `http://127.0.0.1:${port}`;
  expect(await (await fetch(origin)).text()).toContain('<!doctype html>');
  const anna = await register(origin, 'anna');
  const { channel } = await createThread(origin, anna, 'hello', []);
  const path = `/chat/threads/${channel.slice('thread:'.length)}/messages`;
  expect(await demand(origin, 'POST', path, { token: anna.token, body: { text: 'first' } })).toMatchObject({ seq: 2 });
});

test('a second start on the same data is refused with a sentence that says what to do', async () => {
  const second = starter(join(home, 'data'), await freePort());
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(/^veche: Veche already runs on this data: process \d+.*stop it .* or start another beside it with --data DIR --port N/);
});

test('a process that is killed is started again and said so', async () => {
  const pid = tableOf(running.output()).get('chat-1') ?? 0;
  process.kill(pid, 'SIGKILL');
  await eventually(() => /chat-1 +ready again in [\d.]+ s, as process \d+/.test(running.output()), { timeoutMs: 30_000 });
});

test('a starter that is killed leaves no process; the next start goes on from the data, and Ctrl-C ends it cleanly', { timeout: 240_000 }, async () => {
  const { pid = 0 } = running.child;
  running.child.kill('SIGKILL');
  await running.ended;
  await eventually(() => left(pid).length === 0, { timeoutMs: 15_000, what: 'nothing of it runs' });
  running = await started();
  const origin = `http://127.0.0.1:${port}`;
  const body = { login: 'anna', password: 'password of anna' };
  expect(await demand(origin, 'POST', '/auth/token', { body })).toMatchObject({ user: { login: 'anna' } });
  running.child.kill('SIGINT');
  expect(await running.ended).toBe(0);
  expect(running.output()).not.toContain('did not end by itself');
  expect(left(running.child.pid ?? 0)).toEqual([]);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`veche-server-${running.child.pid}-`))).toEqual([]);
});
