/** Starts a constellation in the order in which its parts need each other, and ends it in reverse. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ServerControl } from '../servers/control.ts';
import { type NginxServer, startNginx } from '../nginx/nginx.ts';
import type { TcpProxy } from '../proxy/tcp-proxy.ts';
import { CHECKOUT, isService, makeAppProcess, programOf } from './app-process.ts';
import { Backends } from './backends.ts';
import type { AppName, AppProcess, BackendName, Constellation, ConstellationOptions, Topology } from './types.ts';

/** Services first: an edge that is ready can be asked. */
const APPS: Readonly<Record<Topology, readonly AppName[]>> = {
  distributed: ['auth', 'chat', 'notification', 'api', 'websocket', 'sse'],
  redis: ['whole'],
  postgres: ['whole'],
};
/** As people read them; they started as it came. */
const BACKENDS = ['postgres', 'replica', 'pgbouncer', 'redis', 'rabbitmq', 'nginx'];
const PAGE = `${CHECKOUT}apps/console/dist`;

/** Resolves when every process is ready. @throws Error with the last words of the one that is not; nothing is left running then */
export async function startConstellation(options: ConstellationOptions): Promise<Constellation> {
  const constellation = new Started(options);
  try {
    await constellation.start();
    return constellation;
  } catch (error) {
    await constellation.stop().catch(() => undefined);
    throw error;
  }
}

class Started implements Constellation {
  readonly topology: Topology;
  readonly apps: AppProcess[] = [];
  readonly #options: ConstellationOptions;
  readonly #backends: Backends;
  #nginx: NginxServer | undefined;

  constructor(options: ConstellationOptions) {
    this.topology = options.topology;
    this.#options = options;
    this.#backends = new Backends(options);
  }

  async start(): Promise<void> {
    const { signal } = this.#options;
    await this.#backends.start();
    signal?.throwIfAborted();
    await this.#migrate();
    await this.#makeApps();
    for (const group of [this.apps.filter(({ app }) => isService(app)), this.apps.filter(({ app }) => !isService(app))]) {
      signal?.throwIfAborted();
      if (group.length === 0) continue;
      this.#options.progress?.(`${group.map(({ name }) => name).join(', ')} start`);
      await allOf(group.map((each) => each.start()));
    }
    await this.#startNginx();
  }

  get origin(): string {
    return this.#nginx?.origin ?? '';
  }

  get backends(): readonly ServerControl[] {
    const all: ServerControl[] = [...this.#backends.servers, ...(this.#nginx ? [this.#nginx] : [])];
    return all.toSorted((a, b) => BACKENDS.indexOf(a.name) - BACKENDS.indexOf(b.name));
  }

  get databaseUrl(): string {
    return this.#backends.databaseUrl;
  }

  get replicaUrl(): string | undefined {
    return this.#backends.replicaUrl;
  }

  get rabbitUrl(): string | undefined {
    return this.#backends.rabbitUrl;
  }

  get redisUrl(): string | undefined {
    return this.#backends.redisUrl;
  }

  process(name: string): ServerControl {
    const all = [...this.apps, ...this.backends];
    const found = all.find((each) => each.name === name);
    if (!found) throw new Error(`there is no ${name} of its own here; there are ${all.map((each) => each.name).join(', ')}`);
    return found;
  }

  processesOf(app: AppName): readonly AppProcess[] {
    return this.apps.filter((each) => each.app === app);
  }

  proxy(name: BackendName): TcpProxy {
    const found = this.#backends.proxies.get(name);
    if (!found) throw new Error(`no proxy stands in front of ${name}: name it in \`proxies\``);
    return found;
  }

  rabbitmqctl(...args: readonly string[]): Promise<string> {
    return this.#backends.ctl(args);
  }

  async promoteReplica(): Promise<void> {
    const { replica } = this.#backends;
    if (!replica) throw new Error('there is no replica in this constellation');
    // Else nobody would find it: the address of the primary is all that the apps know.
    const proxy = this.proxy('postgres');
    await replica.promote();
    proxy.retarget(replica.port);
    proxy.cut();
  }

  async stop(): Promise<readonly string[]> {
    const ill: string[] = [];
    const end = async (app: AppProcess): Promise<void> => {
      if (app.running && (await app.stop()) !== 0) ill.push(app.name);
    };
    await allOf(this.apps.filter(({ app }) => !isService(app)).map(end));
    await allOf(this.apps.filter(({ app }) => isService(app)).map(end));
    await this.#nginx?.remove();
    await this.#backends.stop();
    return ill;
  }

  async #migrate(): Promise<void> {
    this.#options.progress?.('the tables are brought up to date');
    const env = { PATH: process.env['PATH'], ...this.#backends.env, PG_URL: this.databaseUrl, ...this.#options.env };
    // What only servers read is not the migration's.
    for (const name of Object.keys(env)) if (/^(VECHE|HTTP)_/.test(name)) delete (env as Record<string, unknown>)[name];
    const child = spawn(process.execPath, [programOf('migrate')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let words = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (words += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    this.#options.output?.('migrate', words);
    if (code !== 0) throw new Error(`the migrations failed with code ${String(code)}:\n${words}`);
  }

  async #makeApps(): Promise<void> {
    const { replicas = {}, output } = this.#options;
    for (const app of APPS[this.topology]) {
      for (let n = 1; n <= (replicas[app] ?? 2); n++) {
        const name = `${app}-${n}`;
        this.apps.push(await makeAppProcess({ app, name, env: this.#envOf(app), output: output && ((text) => output(name, text)) }));
      }
    }
  }

  #envOf(app: AppName): Readonly<Record<string, string>> {
    const page = app === 'api' || app === 'whole' ? { ...(existsSync(PAGE) && { HTTP_STATIC_DIR: PAGE }) } : {};
    const edge = isService(app) ? {} : { HTTP_TRUSTED_PROXIES: '1', ...page };
    return { ...this.#backends.env, ...edge, ...this.#options.env, ...this.#options.envOf?.[app] };
  }

  async #startNginx(): Promise<void> {
    const ports = (app: AppName) => this.processesOf(this.topology === 'distributed' ? app : 'whole').flatMap(({ port }) => port ?? []);
    const { output, listen } = this.#options;
    this.#nginx = await startNginx({
      routes: { api: ports('api'), websocket: ports('websocket'), sse: ports('sse') },
      ...listen,
      ...(output && { output: (text) => output('nginx', text) }),
    });
  }
}

/** Waits for all, so that nothing starts behind our back after one failed. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
}
