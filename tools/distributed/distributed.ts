import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Constellation, postgresBinaries, startConstellation } from '@veche/testing';
import type { Arguments } from '../dev/arguments.ts';
import { apiKeyIn, checkFolder, databasePasswordIn, type DataFolder, ephemeralFolder, openFolder } from '../dev/data-folder.ts';
import { prepareDatabase } from '../dev/database.ts';
import { type Lock, takeLock } from '../dev/lock.ts';
import { checkPort, hostsOf, originOf } from '../dev/ports.ts';
import { endProcess, identityOf } from '../dev/processes.ts';
import { messageOf, Refusal } from '../dev/refusal.ts';
import { withProgress } from '../run/progress.ts';
import { keepAll } from './keeper.ts';
import { INFO, LogTail, type Print } from './log-tail.ts';
import { tableOf } from './table.ts';
import { welcome } from './welcome.ts';

export interface Surroundings {
  /** The checkout. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly print: Print;
}

/** Where the servers are is known only here; a process that was told otherwise would not be part of it. */
const OURS = /^(PG_(URL|DIRECT_URL|REPLICA_URLS|POOLER)|RABBITMQ_URL|REDIS_URL|BUS_FANOUT|VECHE_(HOST|PORT|PRIVATE_HOST|PRIVATE_PORT))$/;
const LEFT_BEHIND_MS = 20_000;

/** The constellation on one data folder: started in order, restarted when a part dies, stopped in reverse. */
export class Distributed {
  readonly #arguments: Arguments;
  readonly #around: Surroundings;
  readonly #stopping = new AbortController();
  #folder: DataFolder | undefined;
  #lock: Lock | undefined;
  #constellation: Constellation | undefined;
  #tail: LogTail | undefined;

  constructor(given: Arguments, around: Surroundings) {
    this.#arguments = given;
    this.#around = around;
  }

  /** Runs until `stop` is called. @throws Refusal in a known bad situation */
  async run(announce: (text: string) => void): Promise<void> {
    try {
      const folder = await this.#open();
      const constellation = await this.#start(folder);
      if (this.#stopping.signal.aborted) return;
      const environment = this.#writeEnvironment(folder, constellation);
      const apiKey = this.#around.env['AUTH_API_KEYS'] ? undefined : apiKeyIn(folder);
      announce(welcome({ origin: originOf(this.#host, this.#arguments.port), folder, apiKey, environment, table: await tableOf(constellation) }));
      if (this.#tail) this.#tail.level = INFO;
      const ended = once(this.#stopping.signal, 'abort');
      await Promise.race([ended, keepAll(constellation, this.#around.print, this.#stopping.signal, () => this.#note())]);
    } finally {
      await this.#close();
    }
  }

  /** Tolerates twice. */
  stop(): void {
    this.#stopping.abort();
  }

  get #host(): string {
    return hostsOf(this.#around.env).host;
  }

  async #open(): Promise<DataFolder> {
    const { ephemeral, data, port } = this.#arguments;
    const folder = ephemeral ? ephemeralFolder() : openFolder(data ?? join(this.#around.root, 'data'));
    this.#folder = folder;
    this.#lock = takeLock(folder.lock, port);
    checkFolder(folder, postgresBinaries().major);
    for (const left of this.#lock.leftovers) await endProcess(left, 'SIGTERM', LEFT_BEHIND_MS);
    await checkPort(this.#host, port);
    return folder;
  }

  async #start(folder: DataFolder): Promise<Constellation> {
    let doing = 'the database is prepared';
    const say = (line: string): void => this.#around.print('veche', line.replace('starting', doing));
    const tail = (this.#tail = new LogTail(join(folder.path, 'distributed.log'), this.#around.print));
    const start = async (): Promise<Constellation> => {
      await prepareDatabase(folder);
      return startConstellation({
        topology: 'distributed',
        data: { folder: folder.path, password: databasePasswordIn(folder) },
        listen: { host: this.#host, port: this.#arguments.port },
        env: { AUTH_API_KEYS: `local:${apiKeyIn(folder)}`, ...this.#settings() },
        output: (name, text) => tail.write(name, text),
        progress: (what) => (doing = what),
        signal: this.#stopping.signal,
      });
    };
    this.#constellation = await withProgress(say, 'starting', start()).catch((error: unknown) => {
      throw this.#stopping.signal.aborted ? new Refusal('it was stopped before it was ready') : new Refusal(messageOf(error));
    });
    this.#note();
    return this.#constellation;
  }

  #settings(): Readonly<Record<string, string>> {
    const all = Object.entries(this.#around.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return Object.fromEntries(all.filter(([name]) => !OURS.test(name)));
  }

  #note(): void {
    const all = [...(this.#constellation?.apps ?? []), ...(this.#constellation?.backends ?? [])];
    this.#lock?.noteChildren(all.filter(({ running }) => running).map(({ pid }) => identityOf(pid)));
  }

  /** For tools beside it: `node --env-file=…`. Holds the password, so only its owner reads it. */
  #writeEnvironment(folder: DataFolder, { databaseUrl, replicaUrl, rabbitUrl, redisUrl }: Constellation): string {
    const file = join(folder.path, 'distributed.env');
    const values = { PG_URL: databaseUrl, PG_REPLICA_URLS: replicaUrl, RABBITMQ_URL: rabbitUrl, REDIS_URL: redisUrl };
    const lines = Object.entries(values).map(([name, value]) => `${name}=${value ?? ''}\n`);
    rmSync(file, { force: true });
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    return file;
  }

  async #close(): Promise<void> {
    this.stop();
    const say = (line: string): void => this.#around.print('veche', line);
    const forced = this.#constellation ? await withProgress(say, 'they finish what they have taken', this.#constellation.stop()) : [];
    for (const name of forced) say(`${name} did not end by itself`);
    const folder = this.#folder;
    if (folder) rmSync(join(folder.path, 'distributed.env'), { force: true });
    this.#lock?.release();
    if (folder?.ephemeral) rmSync(folder.path, { recursive: true, force: true });
  }
}
