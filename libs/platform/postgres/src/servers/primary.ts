/** The connections to the server that takes writes: found among its hosts, and used only once it is known which life of which server it is. */
import type pg from 'pg';
import { DataSource, type MixedList } from 'typeorm';
import { poolLimits } from './connections.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { Hosts } from './hosts.ts';
import type { PostgresConfig } from '../postgres.config.ts';
import { Incarnations, type ServerState, STATE } from './server-state.ts';
import { openSession, sessionOf } from './session.ts';
import { survey } from './survey.ts';
import { runStatement } from '../transaction.ts';

// oxlint-disable-next-line typescript/no-unsafe-function-type -- TypeORM's own name for a class
export type Entities = MixedList<Function>;

/** A transactional message is the smallest thing that is written, and waited for by the standbys' rule, without a table. */
const BARRIER = { text: `SELECT s.*, pg_logical_emit_message(true, 'veche', 'barrier') FROM (${STATE}) s` };

/** The connection leads to a server of an older history than one that was seen since. */
class StaleConnection extends Error {}

export class Primary {
  private surveying: Promise<void> | undefined;

  constructor(
    /** TypeORM on the same pool: entities, migrations. */
    readonly dataSource: DataSource,
    readonly pool: pg.Pool,
    readonly incarnations: Incarnations,
    private readonly hosts: Hosts,
    private readonly config: PostgresConfig,
  ) {}

  /** A connection to a server that is current and has committed a write of ours; rejects with DatabaseUnavailableError. */
  async checkout(): Promise<pg.PoolClient> {
    for (let failures = 0; ;) {
      try {
        return await this.sound();
      } catch (error) {
        if (error instanceof StaleConnection) continue;
        if (!this.hosts.several || failures++ > 0 || isExhausted(error))
          throw error instanceof DatabaseUnavailableError ? error : new DatabaseUnavailableError(error);
        await this.survey();
      }
    }
  }

  /** Makes the server that answers on this connection one that may be read from: its unreplicated rows are replicated by the time that this resolves. */
  async settle(client: pg.PoolClient): Promise<void> {
    const [state] = await runStatement<ServerState>(client, BARRIER).catch((error: unknown) => {
      throw new DatabaseUnavailableError(error);
    });
    this.incarnations.settled(state as ServerState);
  }

  /** Something took too long or broke: with several hosts, looks whether another is the primary by now. */
  suspect(): void {
    if (this.hosts.several) void this.survey();
  }

  async close(): Promise<void> {
    await this.surveying;
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async sound(): Promise<pg.PoolClient> {
    const client = await this.pool.connect();
    const { pooled, server } = sessionOf(client);
    const { known } = this.incarnations;
    try {
      if (!pooled && !this.incarnations.isCurrent(server)) throw new StaleConnection();
      // Behind a pooler each transaction asks again who answers, see guardOf.
      if (pooled ? known === '' : server.incarnation !== known) await this.settle(client);
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  private survey(): Promise<void> {
    this.surveying ??= survey(this.hosts, this.incarnations, this.config).finally(() => (this.surveying = undefined));
    return this.surveying;
  }
}

/** No connection was free in time: the server is busy, not gone. */
const isExhausted = (error: unknown): boolean => error instanceof Error && error.message === 'timeout exceeded when trying to connect';

/** Connects; rejects when no host takes writes. */
export async function openPrimary(config: PostgresConfig, entities: Entities): Promise<Primary> {
  const incarnations = new Incarnations();
  const hosts = new Hosts(config.PG_URL);
  if (hosts.several) await survey(hosts, incarnations, config);
  const dataSource = new DataSource({
    type: 'postgres',
    url: hosts.current,
    entities,
    synchronize: false,
    installExtensions: false,
    poolErrorHandler: () => undefined,
    extra: poolLimits(config, hosts, async (client) => incarnations.admit((await openSession(client, config)).server)),
  });
  await dataSource.initialize();
  // TypeORM keeps its pool here and gives no other way to it.
  const { master: pool } = dataSource.driver as unknown as { readonly master: pg.Pool };
  return new Primary(dataSource, pool, incarnations, hosts, config);
}
