import { once } from 'node:events';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { lend, remainder } from './lent-descriptor.ts';

let server: Server;
const clients: Socket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** The server's side of a connection. */
async function accepted(path?: string): Promise<Socket> {
  server = createServer({ allowHalfOpen: true });
  server.listen(path ?? 0);
  await once(server, 'listening');
  const client = path === undefined ? connect((server.address() as AddressInfo).port) : connect(path);
  clients.push(client.on('error', () => {}));
  const [socket] = (await once(server, 'connection')) as [Socket];
  return socket.on('error', () => {});
}

const closed = (socket: Socket): Promise<unknown> | undefined => (socket.closed ? undefined : new Promise((resolve) => socket.once('close', resolve)));

describe('a lent descriptor', () => {
  it.each([
    ['destroy', (socket: Socket) => socket.destroy()],
    ['destroy with an error', (socket: Socket) => socket.destroy(new Error('away'))],
    ['resetAndDestroy', (socket: Socket) => socket.resetAndDestroy()],
    ['destroySoon', (socket: Socket) => socket.destroySoon()],
  ])('is taken back by %s, before the socket could be closed', async (_how, end) => {
    const socket = await accepted();
    const borrower = { descriptor: -1 };
    lend(socket, borrower);
    expect(borrower.descriptor).toBeGreaterThan(2);
    // Closing the handle, in either way, is what gives the number to somebody else.
    const { _handle: handle } = socket as unknown as { _handle: Record<'close' | 'reset', (...args: unknown[]) => unknown> };
    let lentWhenClosed: number | undefined;
    for (const way of ['close', 'reset'] as const) {
      const original = handle[way].bind(handle);
      handle[way] = (...args) => {
        lentWhenClosed ??= borrower.descriptor;
        return original(...args);
      };
    }
    end(socket);
    await closed(socket);
    expect(lentWhenClosed).toBe(-1);
    expect(borrower.descriptor).toBe(-1);
  });

  it('is taken back when the peer resets the connection', async () => {
    const socket = await accepted();
    const borrower = { descriptor: -1 };
    lend(socket.resume(), borrower);
    clients[0]!.resetAndDestroy();
    await closed(socket);
    expect(borrower.descriptor).toBe(-1);
  });

  it('is never that of a pipe, of a destroyed socket, or of one whose end somebody else has taken over', async () => {
    const borrower = { descriptor: -1 };
    const pipe = await accepted(join(tmpdir(), `lent-${process.pid}.sock`));
    lend(pipe, borrower);
    pipe.destroy();
    await new Promise((resolve) => server.close(resolve));
    const gone = await accepted();
    lend(gone.destroy(), borrower);
    await new Promise((resolve) => server.close(resolve));
    const taken = await accepted();
    taken._destroy = (error, done) => done(error);
    lend(taken, borrower);
    expect(borrower.descriptor).toBe(-1);
    delete (taken as { _destroy?: unknown })._destroy;
    taken.destroy();
  });
});

it('goes on with what the kernel did not take, and gives a broken socket up', () => {
  const bytes = Buffer.from('abc');
  expect(remainder(bytes, 2)?.toString()).toBe('c');
  expect(remainder(bytes, 0)?.toString()).toBe('abc');
  expect(remainder(bytes, -constants.errno.EAGAIN)).toBe(bytes);
  expect(remainder(bytes, -constants.errno.EPIPE)).toBeNull();
  expect(remainder(bytes, -constants.errno.EBADF)).toBeNull();
});
