// The two words of a newcomer, as they are typed: the real runner, the real server, a real SIGKILL.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, freePort } from '@veche/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
let home: string;
let running: ChildProcess | undefined;

beforeAll(() => void (home = mkdtempSync(join(tmpdir(), 'veche start '))));
// Whatever the test did: the terminal is closed.
afterEach(() => running && ended(running, 'SIGHUP'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function npmStart(port: number): Promise<ChildProcess> {
  const privatePort = String(await freePort());
  const child = spawn('npm', ['start', '--silent', '--', '--data', join(home, 'data'), '--port', String(port)], {
    cwd: ROOT,
    env: { ...process.env, VECHE_PRIVATE_PORT: privatePort },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  await eventually(() => output.includes('Veche is ready') || child.exitCode !== null, { timeoutMs: 100_000 });
  if (child.exitCode !== null) throw new Error(output);
  return child;
}

/** Signals go to the process group, as a terminal sends them: npm itself does not pass Ctrl-C on. */
function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', (code) => resolve(code));
  process.kill(-(child.pid ?? 0), signal);
  return promise;
}

/** The process and everything it started, deepest last. */
function tree(pid: number): number[] {
  const rows = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] => rows.filter(([, ppid]) => ppid === parent).flatMap(([child = 0]) => [child, ...below(child)]);
  return [pid, ...below(pid)];
}

async function call(port: number, verb: string, path: string, body?: unknown, token?: string): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: verb,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  expect(response.status, JSON.stringify(answer)).toBeLessThan(300);
  return answer;
}

it('everything is in its place after kill -9 of npm start and all that it started', async () => {
  const port = await freePort();
  const first = await npmStart(port);
  expect((await fetch(`http://127.0.0.1:${port}/`)).headers.get('content-type')).toContain('text/html');
  await call(port, 'POST', '/auth/register', { login: 'ann', password: 'correct horse battery', name: 'Ann' });
  const { token } = (await call(port, 'POST', '/auth/token', { login: 'ann', password: 'correct horse battery' })) as { token: string };
  const thread = await call(port, 'POST', '/chat/threads', { title: 'first', members: [] }, token);
  const id = String(thread['channel'] ?? thread['id']).replace('thread:', '');
  const sent = await call(port, 'POST', `/chat/threads/${id}/messages`, { text: 'still here?' }, token);

  const pids = tree(first.pid ?? 0);
  expect(pids.length).toBeGreaterThan(3);
  for (const pid of pids) strike(pid);
  await ended(first, 'SIGKILL');

  const second = await npmStart(port);
  const page = (await call(port, 'GET', `/chat/threads/${id}/messages`, undefined, token)) as { messages: { id: string; text: string }[] };
  expect(page.messages).toContainEqual(expect.objectContaining({ id: sent['id'], text: 'still here?' }));

  const left = tree(second.pid ?? 0).slice(1);
  await ended(second, 'SIGINT');
  // Ctrl-C gives the terminal back when everything is closed, not before.
  expect(left.filter((pid) => readable(`/proc/${pid}/stat`))).toEqual([]);
});

it('npm killed by SIGKILL, the server ends by itself and the data is free again', async () => {
  const port = await freePort();
  const first = await npmStart(port);
  const pids = tree(first.pid ?? 0).slice(1);
  process.kill(first.pid ?? 0, 'SIGKILL');
  await eventually(() => pids.every((pid) => !readable(`/proc/${pid}/stat`)), { timeoutMs: 60_000, what: 'nothing is left running' });
  await npmStart(port);
});

/** Whoever was told of a death before may have gone by itself. */
function strike(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readable(file: string): boolean {
  try {
    return readFileSync(file, 'utf8').length > 0;
  } catch {
    return false;
  }
}
