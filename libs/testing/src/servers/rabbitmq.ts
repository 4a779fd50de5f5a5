/** A private RabbitMQ with a private epmd, for any user: nothing of it is seen by, or sees, another node of this machine. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { answers } from './answers.ts';
import type { ServerControl } from './control.ts';
import { privateFolder, removeFolder } from './folders.ts';
import { createVhost, deleteVhost, type RabbitNode, rabbitmqctl, vhostUrl } from './rabbitmq-ctl.ts';
import { epmdCommand, rabbitCommand, type RabbitEnv, type RabbitVersion } from './rabbitmq-program.ts';
import { ServerProcess } from './server-process.ts';

export interface RabbitMqOptions {
  /** 3: of this system; 4: of Debian 13, unpacked beside it. Default 3. */
  readonly version?: RabbitVersion;
  readonly port?: number;
  /** Where it keeps its data; default: a temporary folder. */
  readonly home?: string;
  /** Of its only user, set when the data are made; default: as everybody knows it. */
  readonly password?: string;
  /** More lines of rabbitmq.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly output?: (text: string) => void;
}

export interface Vhost {
  readonly name: string;
  readonly url: string;
}

export interface RabbitMqServer extends ServerControl {
  readonly port: number;
  readonly version: RabbitVersion;
  /** Of the default vhost. */
  readonly url: string;
  /** What another process needs to run `rabbitmqctl` on it. */
  readonly node: RabbitNode;
  /** `rabbitmqctl`, about a second: `ctl('set_vm_memory_high_watermark', '0')` raises the alarm. Resolves with what it printed. */
  ctl(...args: readonly string[]): Promise<string>;
  /** Fresh, with all rights; default name: a random one. */
  createVhost(name?: string): Promise<Vhost>;
  deleteVhost(name: string): Promise<void>;
  /** Ends it, and removes the data unless they are in a `home` that was given. */
  remove(): Promise<void>;
}

/** @throws Error with how to install it, or with its last words when it does not come up (it takes 5 to 7 s) */
export async function startRabbitMq(options: RabbitMqOptions = {}): Promise<RabbitMqServer> {
  const home = options.home ?? privateFolder('rabbitmq');
  const version = options.version ?? 3;
  const port = options.port ?? (await freePort());
  const ports = { port, dist: await freePort(), epmd: await freePort() };
  const password = options.password ?? 'guest';
  const env = prepare(home, ports, { default_user: USER, default_pass: password, ...options.settings });
  const node: RabbitNode = { version, port, user: USER, password, nodeName: NODE, env };
  const epmd = epmdProcess(node, ports.epmd);
  const server = serverProcess(node, options.output);
  const start = async (): Promise<void> => {
    if (!epmd.running) await epmd.start();
    await ServerProcess.prototype.start.call(server);
  };
  const remove = async (): Promise<void> => {
    await server.stop();
    await epmd.kill();
    if (options.home === undefined) removeFolder(home);
  };
  const control = Object.assign(server, { start, remove, ...facts(node) });
  await start().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return control;
}

const facts = (node: RabbitNode) => ({
  node,
  port: node.port,
  version: node.version,
  url: vhostUrl(node, '/'),
  ctl: (...args: readonly string[]) => rabbitmqctl(node, args),
  createVhost: async (name: string = `t-${randomUUID()}`): Promise<Vhost> => {
    await createVhost(node, name);
    return { name, url: vhostUrl(node, name) };
  },
  deleteVhost: (name: string) => deleteVhost(node, name),
});

const USER = 'guest';
/** Its epmd knows no other node, so the name need not differ; the data are bound to it. */
const NODE = 'veche@localhost';

function epmdProcess(node: RabbitNode, port: number): ServerProcess {
  const { file, args } = epmdCommand(node.version, port, node.env);
  return new ServerProcess({ name: 'epmd', command: [file, ...args], env: node.env, port, ready: () => answers(port) });
}

function serverProcess(node: RabbitNode, output?: (text: string) => void): ServerProcess {
  const { file, args } = rabbitCommand(node.version, 'rabbitmq-server', [], node.env);
  return new ServerProcess({
    name: 'rabbitmq',
    command: [file, ...args],
    env: node.env,
    port: node.port,
    // It listens before it has recovered what is in its queues; the line comes after.
    ready: async (log) => /Server startup complete|completed with \d+ plugins/i.test(log) && (await answers(node.port)),
    startTimeoutMs: 120_000,
    ...(output && { output }),
  });
}

/** Everything of it in one folder; written anew at each start, but for the cookie, which the node has in its memory. */
function prepare(home: string, ports: { port: number; dist: number; epmd: number }, settings: Readonly<Record<string, string>>): RabbitEnv {
  for (const name of ['mnesia', 'log', 'generated']) mkdirSync(join(home, name), { recursive: true });
  const cookie = join(home, '.erlang.cookie');
  if (!existsSync(cookie)) writeFileSync(cookie, randomBytes(15).toString('hex').toUpperCase(), { mode: 0o600 });
  const lines = { 'listeners.tcp.1': `127.0.0.1:${ports.port}`, 'disk_free_limit.absolute': '50MB', 'log.console': 'true', 'log.file': 'false', ...settings };
  writeFileSync(
    join(home, 'rabbitmq.conf'),
    Object.entries(lines)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  );
  writeFileSync(join(home, 'enabled_plugins'), '[].');
  writeFileSync(join(home, 'env.conf'), '');
  return {
    HOME: home,
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // The script then becomes the node: our child is the server itself, not a shell that waits for it.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_START_ARGS: '-noinput',
    // Its schedulers sleep when there is nothing to do: their spinning would take a core from others, and be billed to who is measured.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
    RABBITMQ_NODENAME: NODE,
    RABBITMQ_DIST_PORT: String(ports.dist),
    RABBITMQ_MNESIA_BASE: join(home, 'mnesia'),
    RABBITMQ_LOG_BASE: join(home, 'log'),
    RABBITMQ_CONFIG_FILE: join(home, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(home, 'env.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(home, 'generated'),
  };
}
