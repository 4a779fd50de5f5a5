import { eventually } from '@veche/testing';
// allowed: import over the fence: one suite for all doors, which no product code may import
import { type Door, doorConformance } from '../../realtime/tests/door.conformance.ts';
import { Cluster } from '@veche/edge-realtime';
import { StreamClient } from './stream-client.ts';
import { type Server, start } from './stream-server.ts';

const doorOf = (kind: 'line' | 'sse'): Door => ({
  start: (env) => start(env),
  open: (server, connect) => StreamClient.open((server as Server).port, kind, connect),
});

interface Pair extends Server {
  readonly other: Server;
}

/** Everything that goes up goes to a process that does not hold the session. */
const acrossOf = (kind: 'line' | 'sse'): Door => ({
  async start(env) {
    const first = await start(env);
    const other = await start(env, first);
    const known = async (server: Server): Promise<boolean> => (await server.get(Cluster).nodes()).found.length === 2;
    await eventually(async () => (await known(first)) && (await known(other)), { what: 'both know each other' });
    return { ...first, other, close: async () => void (await Promise.all([first.close(), other.close()])) };
  },
  open: (server, connect) => StreamClient.open((server as Pair).port, kind, connect, (server as Pair).other.port),
});

doorConformance('HTTP stream', doorOf('line'));
doorConformance('SSE', doorOf('sse'));
doorConformance('HTTP stream (with POSTs to another process)', acrossOf('line'));
doorConformance('SSE (with POSTs to another process)', acrossOf('sse'));
