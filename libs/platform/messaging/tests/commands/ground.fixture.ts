/** One virtual host of a real broker for a file of tests, with what they install on it. */
import { createTestVhost, startTcpProxy, type TcpProxy, type TestVhost } from '@veche/testing';
import { type ConfirmChannel, connect } from 'amqplib';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { MessagingConfig } from '../../src/index.ts';
import { queueOf } from '../../src/slot.ts';
import { Installation } from '../commands.fixture.ts';

export interface Ground {
  readonly url: string;
  /** @param prefix of another installation, to stand beside it on the same queues */
  install(settings?: Partial<MessagingConfig>, prefix?: string): Installation;
  /** The way to the broker for one process, to be cut. Frozen ends are noticed in 2 s instead of 10. */
  proxied(): Promise<{ readonly proxy: TcpProxy; readonly url: string }>;
  onBroker<T>(use: (raw: ConfirmChannel) => Promise<T>): Promise<T>;
}

/** Registers hooks: what a test installs ends with it, the virtual host with the file. */
export function useGround(): Ground {
  let vhost: TestVhost;
  const installations: Installation[] = [];
  const proxies: TcpProxy[] = [];
  beforeAll(async () => {
    vhost = await createTestVhost();
  });
  afterEach(async () => {
    await Promise.all(installations.splice(0).map((each) => each.close()));
    await Promise.all(proxies.splice(0).map((each) => each.stop()));
  });
  afterAll(() => vhost.drop());
  return {
    get url() {
      return vhost.url;
    },
    install: (settings = {}, prefix = undefined) => {
      const made = new Installation(vhost.url, settings, prefix);
      installations.push(made);
      return made;
    },
    proxied: async () => {
      const { port } = new URL(vhost.url);
      const proxy = await startTcpProxy({ target: Number(port) });
      proxies.push(proxy);
      return { proxy, url: `${vhost.url.replace(`:${port}/`, `:${proxy.port}/`)}?heartbeat=1` };
    },
    onBroker: async (use) => {
      const connection = await connect(vhost.url);
      try {
        return await use(await connection.createConfirmChannel());
      } finally {
        await connection.close();
      }
    },
  };
}

export const gate = (): { readonly opened: Promise<void>; open: () => void } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
};

/** A channel for each of `queues` queues. */
export const channels = (queues: number): string[] => {
  const found: string[] = [];
  for (let index = 0; found.filter(Boolean).length < queues; index++) found[queueOf(`thread:${index}`, queues)] ??= `thread:${index}`;
  return found;
};
