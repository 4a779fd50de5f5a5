/** Postgres as a part that is killed, frozen and started again on its data and port. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type PostgresOptions, type PostgresServer, startPostgres } from '../postgres/server.ts';
import { eventually } from '../waiters.ts';
import type { ServerControl } from './control.ts';
import { privateFolder, removeFolder } from './folders.ts';
import { processTree, runs, signalAll } from './process-tree.ts';

export interface PrimaryOptions extends Partial<PostgresOptions> {
  readonly name?: string;
}

export interface PrimaryServer extends ServerControl {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Resolves with its last words when this life of it ends, for whatever reason. */
  readonly exited: Promise<string>;
  /** Ends it, and removes the data unless they are in a `dataDir` that was given. */
  remove(): Promise<void>;
}

/** A private Postgres that writes what a replica needs; commits reach the disk unless told otherwise. */
export async function startPrimary({ name = 'postgres', ...options }: PrimaryOptions = {}): Promise<PrimaryServer> {
  const home = options.dataDir === undefined ? privateFolder(name) : undefined;
  const dataDir = options.dataDir ?? join(home ?? '', 'data');
  const whole = { durable: true, ...options, dataDir, settings: { ...REPLICABLE, ...options.settings } };
  const server = new PostgresControl(name, whole, home);
  await server.start();
  return server;
}

const REPLICABLE = { wal_level: 'replica', max_wal_senders: '8', max_replication_slots: '8', hot_standby: 'on' };

export class PostgresControl implements PrimaryServer {
  readonly name: string;
  readonly dataDir: string;
  readonly #options: PostgresOptions;
  readonly #home: string | undefined;
  #server: PostgresServer | undefined;
  #running = false;
  #frozen: readonly number[] = [];
  #log = '';

  constructor(name: string, options: PostgresOptions, home?: string) {
    this.name = name;
    this.dataDir = options.dataDir;
    this.#options = options;
    this.#home = home;
  }

  get running(): boolean {
    return this.#running;
  }

  get pid(): number {
    if (!this.running) throw new Error(`${this.name} does not run`);
    return this.#started.pid;
  }

  get url(): string {
    return this.#started.url;
  }

  get port(): number {
    return this.#started.port;
  }

  get exited(): Promise<string> {
    return this.#started.exited;
  }

  /** Of the lives that have ended. */
  get log(): string {
    return this.#log;
  }

  async start(): Promise<void> {
    if (this.running) throw new Error(`${this.name} runs already, as process ${this.pid}`);
    const server = await this.#launch();
    this.#server = server;
    this.#running = true;
    void server.exited.then((words) => {
      this.#running = false;
      this.#log = (this.#log + words).slice(-200_000);
    });
  }

  async stop(): Promise<number | null> {
    if (!this.running) return null;
    this.thaw();
    await this.#started.stop();
    return 0;
  }

  async kill(): Promise<void> {
    if (!this.running) return;
    const tree = processTree(this.pid);
    signalAll(tree, 'SIGKILL');
    await this.#started.exited;
    this.#frozen = [];
    await eventually(() => !tree.some(runs), { what: `all processes of ${this.name} are gone` });
  }

  freeze(): void {
    this.#frozen = processTree(this.pid);
    signalAll(this.#frozen, 'SIGSTOP');
  }

  thaw(): void {
    signalAll(this.#frozen.filter(runs), 'SIGCONT');
    this.#frozen = [];
  }

  async remove(): Promise<void> {
    await this.stop();
    if (this.#home !== undefined) removeFolder(this.#home);
  }

  get #started(): PostgresServer {
    if (this.#server === undefined) throw new Error(`${this.name} was never started`);
    return this.#server;
  }

  /** What a killed one left (its shared memory) may be in the way for another moment. */
  async #launch(): Promise<PostgresServer> {
    const port = this.#server?.port ?? this.#options.port;
    for (const end = performance.now() + 15_000; ; await pause(100)) {
      try {
        return await startPostgres({ ...this.#options, ...(port !== undefined && { port }) });
      } catch (error) {
        if (!FOR_A_MOMENT.test(String(error)) || performance.now() > end) throw error;
      }
    }
  }
}

const FOR_A_MOMENT = /pre-existing shared memory block|lock file "postmaster.pid" already exists|could not bind/;
