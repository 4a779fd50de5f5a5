/** A server as a child process: started, stopped, killed, frozen, and started again on what it had. */
import { type ChildProcess, spawn } from 'node:child_process';
import { eventually } from '../waiters.ts';
import { answers } from './answers.ts';
import type { ServerControl } from './control.ts';
import { processTree, runs, signalAll } from './process-tree.ts';

export interface ServerSpec {
  readonly name: string;
  readonly command: readonly [file: string, ...args: string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Of 127.0.0.1: a stranger that listens there would be taken for it. */
  readonly port?: number;
  /** Polled; may throw for "not yet". */
  readonly ready: (log: string) => boolean | Promise<boolean>;
  /** Asks it to end; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** Milliseconds; default 60,000. */
  readonly startTimeoutMs?: number;
  /** Milliseconds after which a stop becomes SIGKILL; default 30,000. */
  readonly stopTimeoutMs?: number;
  /** Told everything it writes, as it comes. */
  readonly output?: (text: string) => void;
}

/** Characters of output that are kept; of a failure the last of them are shown. */
const KEPT = 200_000;
const LAST_WORDS = 4_000;

export class ServerProcess implements ServerControl {
  readonly #spec: ServerSpec;
  #child: ChildProcess | undefined;
  #ended: Promise<number | null> = Promise.resolve(null);
  #frozen: readonly number[] = [];
  #log = '';
  /** Of this life alone: an earlier one was ready too. */
  #said = '';

  constructor(spec: ServerSpec) {
    this.#spec = spec;
  }

  get name(): string {
    return this.#spec.name;
  }

  get pid(): number {
    if (!this.running || this.#child?.pid === undefined) throw new Error(`${this.name} does not run`);
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child !== undefined && !hasEnded(this.#child);
  }

  get log(): string {
    return this.#log;
  }

  /** Resolves with the exit code when this life of it has ended, for whatever reason. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  async start(): Promise<void> {
    if (this.running) throw new Error(`${this.name} runs already, as process ${this.pid}`);
    const { port } = this.#spec;
    if (port !== undefined && (await answers(port))) throw new Error(`${this.name} did not start: something else listens on its port ${port}`);
    const child = this.#launch();
    const { startTimeoutMs: timeoutMs = 60_000, ready } = this.#spec;
    const up = await eventually(() => hasEnded(child) || ready(this.#said), { timeoutMs, what: `${this.name} is ready` }).catch(String);
    if (up === true && !hasEnded(child)) return;
    const why = hasEnded(child) ? `it ended with ${child.exitCode ?? child.signalCode}` : String(up);
    await this.kill();
    throw new Error(`${this.name} did not start: ${why}\n${this.#log.slice(-LAST_WORDS).trim()}`);
  }

  async stop(): Promise<number | null> {
    if (!this.running) return this.#ended;
    const tree = processTree(this.pid);
    this.thaw();
    process.kill(this.pid, this.#spec.stopSignal ?? 'SIGTERM');
    const force = setTimeout(() => signalAll(this.running ? processTree(this.pid) : [], 'SIGKILL'), this.#spec.stopTimeoutMs ?? 30_000);
    const code = await this.#ended.finally(() => clearTimeout(force));
    await gone(tree);
    return code;
  }

  async kill(): Promise<void> {
    if (!this.running) return;
    const tree = processTree(this.pid);
    signalAll(tree, 'SIGKILL');
    await this.#ended;
    await gone(tree);
    this.#frozen = [];
  }

  freeze(): void {
    this.#frozen = processTree(this.pid);
    signalAll(this.#frozen, 'SIGSTOP');
  }

  thaw(): void {
    signalAll(this.#frozen.filter(runs), 'SIGCONT');
    this.#frozen = [];
  }

  #launch(): ChildProcess {
    const [file, ...args] = this.#spec.command;
    // Own process group: Ctrl-C in a terminal reaches it by us, in order.
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: this.#spec.env, cwd: this.#spec.cwd });
    this.#child = child;
    this.#said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    RUNNING.add(child);
    this.#ended = new Promise<number | null>((resolve) => {
      child.once('error', (error) => (this.#keep(`${error.message}\n`), resolve(127)));
      // `close` would wait for grandchildren that hold the pipe.
      child.once('exit', resolve);
    }).finally(() => RUNNING.delete(child));
    return child;
  }

  #keep(text: string): void {
    this.#log = (this.#log + text).slice(-KEPT);
    this.#said = (this.#said + text).slice(-KEPT);
    this.#spec.output?.(text);
  }
}

/** Ended with us where the kernel does not see to it. */
const RUNNING = new Set<ChildProcess>();
process.once('exit', () =>
  signalAll(
    [...RUNNING].flatMap(({ pid }) => processTree(pid ?? 0)),
    'SIGKILL',
  ),
);

const hasEnded = (child: ChildProcess): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** Children of a killed server end a moment after it; their ports are free only then. */
async function gone(tree: readonly number[]): Promise<void> {
  await eventually(() => !tree.some(runs), { timeoutMs: 10_000, what: `processes ${tree.join(', ')} are gone` });
}
