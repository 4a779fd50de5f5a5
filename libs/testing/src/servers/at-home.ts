import { removeFolder } from './folders.ts';
import type { ServerProcess } from './server-process.ts';

/** Starts a server that keeps everything in one folder of ours; the folder goes with it, also when it does not come up. */
export async function startAtHome<Facts extends object>(
  server: ServerProcess,
  home: string,
  facts: Facts,
): Promise<ServerProcess & Facts & { remove(): Promise<void> }> {
  const remove = async (): Promise<void> => {
    await server.stop();
    removeFolder(home);
  };
  try {
    await server.start();
  } catch (error) {
    await remove();
    throw error;
  }
  return Object.assign(server, facts, { remove });
}
