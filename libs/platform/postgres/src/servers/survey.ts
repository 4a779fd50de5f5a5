/** Which of several hosts takes writes. */
import { clientLimits, hangUp, WatchedClient } from './connections.ts';
import type { Hosts } from './hosts.ts';
import type { PostgresConfig } from '../postgres.config.ts';
import { type Incarnations, type ServerState, STATE } from './server-state.ts';

/** Whether a server is up, told in time: a frozen one must not hold up the choice among the others. */
const LOOK_MS = 1000;

/** Asks all hosts and takes the one that takes writes; of two that do, the one of the newer history: the other is an old primary that came back. */
export async function survey(hosts: Hosts, incarnations: Incarnations, config: Pick<PostgresConfig, 'PG_QUERY_TIMEOUT_MS'>): Promise<void> {
  const seen = await Promise.all(
    hosts.urls.map((url) =>
      look(url, config).then(
        (state) => ({ url, state }),
        () => undefined,
      ),
    ),
  );
  const found = seen.filter((each) => each !== undefined);
  for (const { state } of found) incarnations.see(state);
  const able = found.find(({ state }) => !state.standby && !state.read_only && incarnations.isCurrent(state));
  if (able) hosts.use(able.url);
}

async function look(url: string, config: Pick<PostgresConfig, 'PG_QUERY_TIMEOUT_MS'>): Promise<ServerState> {
  const client = new WatchedClient({ ...clientLimits(config), connectionString: url, connectionTimeoutMillis: LOOK_MS, query_timeout: LOOK_MS });
  try {
    await client.connect();
    return (await client.query<ServerState>(STATE)).rows[0] as ServerState;
  } finally {
    hangUp(client);
  }
}
