/** Opening and closing a listening socket, with failures in words. */
import type { Server } from 'node:http';

/** A start that cannot succeed as configured; its message is all that the operator needs, so no stack is printed. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export async function listenOn(server: Server, host: string, port: number, portSetting: string, hostSetting: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(addressError(error, host, port, portSetting, hostSetting)));
    server.listen({ host, port }, resolve);
  });
}

export function addressError(error: unknown, host: string, port: number, portSetting: string, hostSetting: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new StartError(`Port ${port} on ${host} is taken by another process: stop it, or set ${portSetting} to a free port.`);
  if (code === 'EACCES') return new StartError(`Port ${port} on ${host} needs rights that this user does not have: set ${portSetting} to a port above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new StartError(`${host} is not an address of this machine: set ${hostSetting} to one, or to 0.0.0.0.`);
  return error;
}

/** Resolves once nothing listens and no connection is left; tolerates never listening and twice. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
