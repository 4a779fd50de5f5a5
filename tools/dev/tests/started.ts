import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from '@veche/testing';

const SMALL = join(import.meta.dirname, 'small', 'start.ts');

export interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: () => string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  ready(): Promise<void>;
  get(path: string): Promise<string>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly port?: number;
  readonly privatePort?: number;
  /** Goes before `node`. */
  readonly wrap?: readonly string[];
  /** Which program; default the one with stand-ins for the apps. */
  readonly program?: string;
}

/** Starts `npm start`'s program as a process of its own, on free ports. */
export async function startProgram(options: StartOptions = {}): Promise<Started> {
  const port = options.port ?? (await freePort());
  const privatePort = options.privatePort ?? (await freePort());
  const [file = '', ...args] = [
    ...(options.wrap ?? []),
    process.execPath,
    '--conditions=@veche/source',
    options.program ?? SMALL,
    '--port',
    String(port),
    ...(options.args ?? []),
  ];
  const child = spawn(file, args, { env: { ...process.env, VECHE_PRIVATE_PORT: String(privatePort), ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    port,
    ended,
    output: () => output,
    ready: () =>
      eventually(() => output.includes('Veche is ready') || gone(), { timeoutMs: 60_000, what: 'ready' }).then(() => {
        if (!output.includes('Veche is ready')) throw new Error(`ended before it was ready:\n${output}`);
      }),
    get: async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text(),
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

export interface Scratch {
  readonly path: string;
  remove(): void;
}

export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'veche test with spaces '));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Process numbers of the server and the database, as the lock file names them. */
export const childrenOf = (data: string): number[] =>
  (JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as { children: { pid: number }[] }).children.map(({ pid }) => pid);

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone: that is what was wanted.
  }
}
