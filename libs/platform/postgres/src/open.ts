/** A database outside of an application: tests and measurements. */
import { Logger, Metrics } from '@veche/platform-telemetry';
import { poolLimits } from './connections.ts';
import { Database } from './database.ts';
import { type PostgresConfig, postgresConfig } from './postgres.config.ts';
import { type Entities, openPrimary } from './primary.ts';
import { PostgresTelemetry } from './postgres.telemetry.ts';
import { Replicas } from './replicas.ts';

export interface OpenDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/** Connects with the defaults of the settings, changed by `changes`. */
export async function openDatabase(changes: Partial<PostgresConfig> & Pick<PostgresConfig, 'PG_URL'>, entities: Entities = []): Promise<OpenDatabase> {
  const config = { ...defaults(), ...changes };
  const { dataSource, pool } = await openPrimary(config, entities);
  const telemetry = new PostgresTelemetry(new Metrics(), Logger.silent());
  const replicas = new Replicas(config.PG_REPLICA_URLS, poolLimits(config), (error) => telemetry.replicaFailed(error));
  const close = async (): Promise<void> => {
    await replicas.close();
    if (dataSource.isInitialized) await dataSource.destroy();
  };
  return { database: new Database(dataSource, pool, replicas, telemetry), close };
}

function defaults(): PostgresConfig {
  const { PG_URL: _, ...others } = postgresConfig.settings;
  return Object.fromEntries(Object.entries(others).map(([name, { schema }]) => [name, schema.parse(undefined)])) as unknown as PostgresConfig;
}
