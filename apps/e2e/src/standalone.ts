/** The built server as a process of its own, on a database of its own: what users run, and what a test may kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileCache, createDatabase, eventually, freePort, type TestDatabase } from '@veche/testing';
import type { HealthAnswer, Veche, VecheOptions } from './veche.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SERVER = `${ROOT}apps/standalone/dist/main.js`;
const MIGRATE = `${ROOT}apps/migrate/dist/main.js`;
const PAGE = `${ROOT}apps/console/dist`;

const READY_WITHIN_MS = 30_000;
const STOPPED_WITHIN_MS = 30_000;
/** Characters of the server's last words that a failure shows. */
const LAST_WORDS = 20_000;
/** Characters of its output that a test can look through. */
const KEPT_OUTPUT = 4_000_000;

/** Starts a server on a fresh, migrated database and free ports; resolves when it is ready. */
export async function startStandalone({ env = {}, adminUrl }: VecheOptions = {}): Promise<Standalone> {
  for (const file of [SERVER, MIGRATE]) if (!existsSync(file)) throw new Error(`${file} is not built: run npm run build first`);
  const database = await createDatabase({ name: 'standalone', prepare: migrated }, adminUrl);
  const [port, privatePort] = [await freePort(), await freePort()];
  const server = new Standalone(database, port, privatePort, env);
  await server.start();
  return server;
}

export class Standalone implements Veche {
  readonly origin: string;
  readonly privateOrigin: string;
  private child: ChildProcess | undefined;
  private output = '';

  constructor(
    readonly database: TestDatabase,
    private readonly port: number,
    private readonly privatePort: number,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.origin = `http://127.0.0.1:${port}`;
    this.privateOrigin = `http://127.0.0.1:${privatePort}`;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the server is not running');
    return this.child.pid;
  }

  get pids(): readonly number[] {
    return [this.pid];
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.privateOrigin}/metrics`)).text();
  }

  async health(probe: 'live' | 'ready'): Promise<readonly HealthAnswer[]> {
    const response = await fetch(`${this.privateOrigin}/health/${probe}`);
    return [{ status: response.status, body: (await response.json()) as HealthAnswer['body'] }];
  }

  /** What the server has written lately, logs included. */
  get log(): string {
    return this.output;
  }

  /** On the same ports and database as before; resolves when it is ready. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--enable-source-maps', SERVER], { env: this.settings(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => this.keep(text));
    const end = (): void => void child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    const settled = await eventually(() => hasEnded(child) || this.isReady(), { timeoutMs: READY_WITHIN_MS }).catch(() => false);
    if (settled && !hasEnded(child)) return;
    child.kill('SIGKILL');
    throw new Error(`the server did not become ready; its last words:\n${this.output.slice(-LAST_WORDS)}`);
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGKILL and a new start at once; resolves when the new process is ready. */
  async crash(): Promise<void> {
    await this.kill();
    await this.start();
  }

  crashSome(): Promise<void> {
    return this.crash();
  }

  /** SIGTERM; resolves with the exit code once the process has ended by itself. The database stays. */
  terminate(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** Ends gracefully and drops the database. @throws Error when the server did not end with code 0 */
  async stop(): Promise<void> {
    const code = this.child ? await this.terminate() : 0;
    await this.database.drop();
    if (code !== 0) throw new Error(`the server ended with code ${code}; its last words:\n${this.output.slice(-LAST_WORDS)}`);
  }

  private async isReady(): Promise<boolean> {
    const response = await fetch(`${this.privateOrigin}/health/ready`);
    await response.arrayBuffer();
    return response.status === 200;
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    this.child = undefined;
    if (!child || hasEnded(child)) return child?.exitCode ?? null;
    const { promise, resolve } = Promise.withResolvers<number | null>();
    // `close`, not `exit`: what it wrote last has been read then.
    child.once('close', (code) => resolve(code));
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    return promise.finally(() => clearTimeout(force));
  }

  private settings(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      ...compileCache,
      PG_URL: this.database.url,
      VECHE_PORT: String(this.port),
      VECHE_PRIVATE_PORT: String(this.privatePort),
      ...(existsSync(PAGE) && { HTTP_STATIC_DIR: PAGE }),
      ...this.env,
    };
  }

  private keep(text: string): void {
    this.output = (this.output + text).slice(-KEPT_OUTPUT);
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function migrated(url: string): Promise<void> {
  const child = spawn(process.execPath, [MIGRATE], { env: { PATH: process.env['PATH'], ...compileCache, PG_URL: url }, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the migrations failed with code ${String(code)}:\n${words}`);
}
