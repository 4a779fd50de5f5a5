/** A database outside of an application: verbs of an operator, tests and measurements. */
import { Logger, Metrics } from '@veche/platform-telemetry';
import { Database } from './database.ts';
import { Listener } from './listener.ts';
import { type PostgresConfig, postgresConfig } from './postgres.config.ts';
import { type Entities, openPrimary } from './servers/primary.ts';
import { PostgresTelemetry } from './postgres.telemetry.ts';
import { Replicas } from './servers/replicas.ts';
import { timeouts } from './servers/session.ts';

export interface OpenDatabase {
  readonly database: Database;
  readonly listener: Listener;
  readonly close: () => Promise<void>;
}

/** Connects with the defaults of the settings, changed by `changes`. */
export async function openDatabase(changes: Partial<PostgresConfig> & Pick<PostgresConfig, 'PG_URL'>, entities: Entities = []): Promise<OpenDatabase> {
  const config = { ...defaults(), ...changes };
  const telemetry = new PostgresTelemetry(new Metrics(), Logger.silent());
  const primary = await openPrimary(config, entities);
  const replicas = new Replicas(config, primary.incarnations, (error) => telemetry.replicaFailed(error));
  const listener = new Listener(config, primary.incarnations, telemetry);
  const close = async (): Promise<void> => {
    await listener.close();
    await replicas.close();
    await primary.close();
  };
  return { database: new Database(primary, replicas, telemetry, timeouts(config)), listener, close };
}

function defaults(): PostgresConfig {
  const { PG_URL: _, ...others } = postgresConfig.settings;
  return Object.fromEntries(Object.entries(others).map(([name, { schema }]) => [name, schema.parse(undefined)])) as unknown as PostgresConfig;
}
