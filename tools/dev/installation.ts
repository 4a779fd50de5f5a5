import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { postgresBinaries, type PostgresServer } from '@veche/testing';
import type { Arguments } from './arguments.ts';
import { apiKeyIn, checkFolder, type DataFolder, ephemeralFolder, full, openFolder, roomMb } from './data-folder.ts';
import { startDatabase } from './database.ts';
import { Journal } from './journal.ts';
import { type Lock, takeLock } from './lock.ts';
import { checkPorts, hostsOf, originOf } from './ports.ts';
import { endProcess, identityOf } from './processes.ts';
import { withProgress } from '../run/progress.ts';
import { messageOf, Refusal } from './refusal.ts';
import { runToEnd, type Service, startService } from './service.ts';

export interface Surroundings {
  /** The checkout. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** One line on the terminal. */
  readonly say: (line: string) => void;
}

/** Starts in a row that never became ready, after which it is not tried again. */
const MAX_FRUITLESS = 5;
/** The server drains its sessions; more than its own bound. */
const DRAIN_MS = 40_000;

/** Database, migrations and server on one data folder: started in order, restarted when they die, stopped in reverse. */
export class Installation {
  readonly #arguments: Arguments;
  readonly #around: Surroundings;
  readonly #stopping = new AbortController();
  readonly #asked = once(this.#stopping.signal, 'abort').then(() => undefined);
  #folder: DataFolder | undefined;
  #lock: Lock | undefined;
  #database: PostgresServer | undefined;
  #service: Service | undefined;

  constructor(given: Arguments, around: Surroundings) {
    this.#arguments = given;
    this.#around = around;
  }

  /** Runs until `stop` is called. @throws Refusal in a known bad situation; the data is untouched then */
  async run(announce: (folder: DataFolder, apiKey: string | undefined) => void): Promise<void> {
    try {
      const folder = await this.#open();
      const journal = new Journal(folder.log, this.#around.say);
      await this.#startDatabase(folder);
      await this.#migrate(journal);
      await this.#startService(folder, journal);
      if (!this.#stopping.signal.aborted) announce(folder, this.#around.env['AUTH_API_KEYS'] ? undefined : apiKeyIn(folder));
      await Promise.all([this.#keepDatabase(folder), this.#keepService(folder, journal)]);
    } finally {
      await this.#close();
    }
  }

  /** Tolerates twice. */
  stop(): void {
    this.#stopping.abort();
  }

  async #open(): Promise<DataFolder> {
    const { ephemeral, data, port } = this.#arguments;
    const folder = ephemeral ? ephemeralFolder() : openFolder(data ?? join(this.#around.root, 'data'));
    this.#folder = folder;
    this.#lock = takeLock(folder.lock, port);
    checkFolder(folder, postgresBinaries().major);
    for (const left of this.#lock.leftovers) await this.#slowly('waiting for what an earlier start left running', endProcess(left, 'SIGTERM', DRAIN_MS));
    await checkPorts(hostsOf(this.#around.env), this.#arguments);
    return folder;
  }

  async #startDatabase(folder: DataFolder, port?: number): Promise<void> {
    this.#database = await this.#slowly('starting the database', startDatabase(folder, port));
    this.#note();
  }

  async #migrate(journal: Journal): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    // Settings of the server that the migration does not know would be refused as misspelt.
    const env = Object.fromEntries(Object.entries(this.#around.env).filter(([name]) => !name.startsWith('VECHE_')));
    const what = 'bringing the tables up to date';
    await this.#slowly(what, runToEnd(what, join(this.#around.root, 'apps/migrate/dist/main.js'), { ...env, ...this.#pg() }, journal));
  }

  async #startService(folder: DataFolder, journal: Journal): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { port, privatePort } = this.#arguments;
    const env = {
      HTTP_STATIC_DIR: join(this.#around.root, 'apps/console/dist'),
      AUTH_API_KEYS: `local:${apiKeyIn(folder)}`,
      ...this.#around.env,
      ...this.#pg(),
      VECHE_PORT: String(port),
      VECHE_PRIVATE_PORT: String(privatePort),
    };
    const ready = `${originOf(hostsOf(env).privateHost, privatePort)}/health/ready`;
    const program = join(this.#around.root, 'apps/standalone/dist/main.js');
    this.#service = await this.#slowly('starting the server', startService(program, env, ready, journal, this.#stopping.signal));
    this.#note();
  }

  #slowly<T>(what: string, work: Promise<T>): Promise<T> {
    return withProgress(this.#around.say, what, work);
  }

  /** Others, a cluster for instance, name it in their own settings; here it is known only now. */
  #pg(): NodeJS.ProcessEnv {
    return { PG_URL: this.#database?.url };
  }

  #note(): void {
    const children = [this.#service?.pid, this.#database?.pid].filter((pid) => pid !== undefined);
    this.#lock?.noteChildren(children.map(identityOf));
  }

  async #keepDatabase(folder: DataFolder): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const words = await Promise.race([this.#database?.exited, this.#asked]);
      if (this.#stopping.signal.aborted) return;
      if (/No space left on device/.test(words ?? '') || roomMb(folder.path) < 1) throw full(folder.path, roomMb(folder.path));
      this.#around.say('the database ended; starting it again');
      // On the port it had: the server keeps the address and connects anew by itself.
      await this.#startDatabase(folder, this.#database?.port);
    }
  }

  async #keepService(folder: DataFolder, journal: Journal): Promise<void> {
    for (let fruitless = 0; !this.#stopping.signal.aborted;) {
      const how = fruitless === 0 ? await Promise.race([this.#service?.ended, this.#asked]) : 'again';
      if (this.#stopping.signal.aborted) return;
      this.#around.say(`the server ended (${how}); starting it again`);
      fruitless = await this.#startService(folder, journal).then(
        () => 0,
        (error) => this.#countFruitless(fruitless + 1, error),
      );
      if (fruitless > 0) await Promise.race([pause(fruitless * 1_000, undefined, { ref: false }), this.#asked]);
      else if (!this.#stopping.signal.aborted) this.#around.say('the server is ready again');
    }
  }

  #countFruitless(count: number, error: unknown): number {
    if (count >= MAX_FRUITLESS) throw new Refusal(`the server could not be started again ${count} times in a row; the last time: ${messageOf(error)}`);
    this.#around.say(messageOf(error));
    return count;
  }

  /** The server first, so that what it has taken is committed; then the database; the lock last. */
  async #close(): Promise<void> {
    this.stop();
    if (this.#service) await this.#slowly('the server finishes what it has taken', this.#service.stop(DRAIN_MS));
    if (this.#database) await this.#slowly('the database writes everything to disk', this.#database.stop());
    this.#lock?.release();
    if (this.#folder?.ephemeral) rmSync(this.#folder.path, { recursive: true, force: true });
  }
}
