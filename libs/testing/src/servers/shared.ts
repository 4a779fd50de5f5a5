/** The side of a test file: the RabbitMQ of the run, and a vhost of one's own on it. */
import { get } from 'node:http';
import { randomUUID } from 'node:crypto';
import { createVhost, deleteVhost, type RabbitNode, rabbitmqctl, vhostUrl } from './rabbitmq-ctl.ts';
import type { RabbitVersion } from './rabbitmq-program.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Who starts the servers that files share. */
    serversUrl: string;
  }
}

export interface TestVhost {
  readonly name: string;
  readonly url: string;
  /** What another process needs to reach the broker itself. */
  readonly node: RabbitNode;
  /** `rabbitmqctl`: `ctl('list_queues', '-p', vhost.name)`. About a second. Never alarms or stops: the broker is shared. */
  ctl(...args: readonly string[]): Promise<string>;
  drop(): Promise<void>;
}

/** A vhost for the calling file on the RabbitMQ of the run, which the first caller waits 5 to 7 s for. @throws Error with how to install it */
export async function createTestVhost(version: RabbitVersion = 3): Promise<TestVhost> {
  const { inject } = await import('vitest');
  const node = JSON.parse(await fetched(`${inject('serversUrl')}/rabbitmq/${version}`)) as RabbitNode;
  const name = `t-${randomUUID()}`;
  await createVhost(node, name);
  return { name, url: vhostUrl(node, name), node, ctl: (...args) => rabbitmqctl(node, args), drop: () => deleteVhost(node, name) };
}

/** Without a connection that is kept: a test that counts its sockets would find it. */
function fetched(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    }).on('error', reject);
  });
}
