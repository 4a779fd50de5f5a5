import { createServer } from 'node:net';

/** Below what systems give to outgoing connections (Linux from 32,768, others from 49,152): a server that is down keeps its port. */
const [FIRST, LAST] = [12_000, 32_000];

/** A TCP port of 127.0.0.1 that was free a moment ago; somebody else may take it first, so callers retry. */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= 50; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port was found from ${FIRST} to ${LAST} on 127.0.0.1`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
