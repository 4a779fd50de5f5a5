import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Journal } from './journal.ts';
import { messageOf, Refusal } from './refusal.ts';
import { NODE_FLAGS } from './node-flags.ts';

export interface Service {
  readonly pid: number;
  /** Resolves with how it ended, in words. */
  readonly ended: Promise<string>;
  /** SIGTERM, and SIGKILL when it does not end within the time. */
  stop(patienceMs: number): Promise<void>;
}

/** Runs one program to its end. @throws Refusal with its last words when it fails */
export async function runToEnd(what: string, file: string, env: NodeJS.ProcessEnv, journal: Journal): Promise<void> {
  const end = await new Promise<string>((resolve) => watch(launch(file, env, journal), resolve));
  if (end !== OK) throw new Refusal(`${what} failed (${end}):\n${journal.tail()}`);
}

/**
 * Starts a server and waits until it says that it is ready, or until it is given up by the signal (and then ended).
 * @throws Refusal with its last words when it ends before
 */
export async function startService(file: string, env: NodeJS.ProcessEnv, readyUrl: string, journal: Journal, giveUp: AbortSignal): Promise<Service> {
  const child = launch(file, env, journal);
  let end: string | undefined;
  const ended = new Promise<string>((resolve) => watch(child, resolve)).then((how) => (end = how));
  const service: Service = { pid: child.pid ?? 0, ended, stop: (patienceMs) => stop(child, ended, patienceMs) };
  const last = performance.now() + READY_WITHIN_MS;
  for (let seen = ''; ; await Promise.race([pause(50), ended])) {
    if (giveUp.aborted) {
      await service.stop(5_000);
      return service;
    }
    if (end !== undefined) throw new Refusal(`the server ended before it was ready (${end}):\n${journal.tail()}`);
    seen = await answer(readyUrl);
    if (seen === '200') return service;
    if (performance.now() < last) continue;
    await service.stop(5_000);
    throw new Refusal(`the server was not ready within ${READY_WITHIN_MS / 1000} s; ${readyUrl} last said ${seen}:\n${journal.tail()}`);
  }
}

const OK = 'exit 0';
const READY_WITHIN_MS = 120_000;

function launch(file: string, env: NodeJS.ProcessEnv, journal: Journal): ChildProcess {
  journal.begin();
  const [program, ...args] = tied([process.execPath, ...NODE_FLAGS, file]);
  // Own process group: Ctrl-C reaches it by us, once and in order, not by the terminal.
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => journal.write(text));
  return child;
}

function watch(child: ChildProcess, resolve: (how: string) => void): void {
  child.once('error', (error) => resolve(messageOf(error)));
  child.once('close', (code, signal) => resolve(signal ? `signal ${signal}` : `exit ${code}`));
}

async function stop(child: ChildProcess, ended: Promise<unknown>, patienceMs: number): Promise<void> {
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(last);
}

/** The kernel ends it when we are killed; without setpriv (not Linux) the next start does. */
let canTie: boolean | undefined;
function tied(command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  canTie ??= process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0;
  return canTie ? ['setpriv', '--pdeathsig', 'TERM', ...command] : command;
}

/** The status as text, or why there was none. */
function answer(url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 2_000, agent: false }, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.once('error', (error) => resolve(messageOf(error)));
  });
}
