/** vitest's globalSetup: starts a server that several files share when the first of them asks, and ends it with the run. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type RabbitMqServer, startRabbitMq } from './rabbitmq.ts';
import type { RabbitVersion } from './rabbitmq-program.ts';

/** Of all projects of the run: they are set up in one process. */
interface Shared {
  users: number;
  readonly rabbits: Map<RabbitVersion, Promise<RabbitMqServer>>;
}
const SHARED = Symbol.for('veche:shared-servers');
const shared: Shared = ((globalThis as Record<symbol, Shared | undefined>)[SHARED] ??= { users: 0, rabbits: new Map() });

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users++;
  const office = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => office.listen(0, '127.0.0.1', resolve));
  project.provide('serversUrl', `http://127.0.0.1:${(office.address() as AddressInfo).port}`);
  return () => teardown(office);
}

async function teardown(office: Server): Promise<void> {
  office.closeAllConnections();
  office.close();
  if (--shared.users > 0) return;
  const rabbits = [...shared.rabbits.values()];
  shared.rabbits.clear();
  // One that did not start has told those who asked for it.
  await Promise.all(rabbits.map((each) => each.then((rabbit) => rabbit.remove()).catch(() => undefined)));
}

async function answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
  const version = url === '/rabbitmq/4' ? 4 : 3;
  try {
    const { node } = await rabbitOf(version);
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(node));
  } catch (error) {
    response.writeHead(500, { connection: 'close' }).end(String(error));
  }
}

function rabbitOf(version: RabbitVersion): Promise<RabbitMqServer> {
  const started = shared.rabbits.get(version) ?? startRabbitMq({ version });
  shared.rabbits.set(version, started);
  return started;
}
