import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Tracing } from '@veche/platform-telemetry';
import { Database } from './database.ts';
import { Listener } from './listener.ts';
import { type Migration, requireSchema } from './migrations/migrations.ts';
import { type PostgresConfig, postgresConfig } from './postgres.config.ts';
import { PostgresTelemetry } from './postgres.telemetry.ts';
import { type Entities, openPrimary, type Primary } from './servers/primary.ts';
import { Replicas } from './servers/replicas.ts';
import { timeouts } from './servers/session.ts';
import { TracedDatabase } from './traced-database.ts';

export interface PostgresModuleOptions {
  readonly entities: Entities;
  /** All that the modules of this process need; the start fails while one of them is not applied. */
  readonly migrations: readonly Migration[];
}

const PRIMARY = Symbol('Primary');

/** Global: provides `Database` and `Listener`. Connects and checks the schema before any module that uses it starts; closes after all others have stopped. */
@Module({})
export class PostgresModule implements OnApplicationShutdown {
  constructor(
    @Inject(PRIMARY) private readonly primary: Primary,
    private readonly replicas: Replicas,
    private readonly listener: Listener,
  ) {}

  static forRoot({ entities, migrations }: PostgresModuleOptions): DynamicModule {
    return {
      module: PostgresModule,
      global: true,
      providers: [
        PostgresTelemetry,
        { provide: PRIMARY, inject: [postgresConfig.token], useFactory: (config: PostgresConfig) => start(config, entities, migrations) },
        { provide: Replicas, inject: [PRIMARY, postgresConfig.token, PostgresTelemetry], useFactory: replicasOf },
        { provide: Listener, inject: [PRIMARY, postgresConfig.token, PostgresTelemetry], useFactory: listenerOf },
        { provide: Database, inject: [PRIMARY, Replicas, postgresConfig.token, PostgresTelemetry, Tracing], useFactory: databaseOf },
      ],
      exports: [Database, Listener],
    };
  }

  /** Last of the shutdown hooks: consumers have committed what they took. */
  async onApplicationShutdown(): Promise<void> {
    await this.listener.close();
    await this.replicas.close();
    await this.primary.close();
  }
}

const replicasOf = ({ incarnations }: Primary, config: PostgresConfig, telemetry: PostgresTelemetry): Replicas =>
  new Replicas(config, incarnations, (error) => telemetry.replicaFailed(error));

// allowed: size: what the factory of a provider injects, in order
const listenerOf = ({ incarnations }: Primary, config: PostgresConfig, telemetry: PostgresTelemetry): Listener => new Listener(config, incarnations, telemetry);

function databaseOf(primary: Primary, replicas: Replicas, config: PostgresConfig, telemetry: PostgresTelemetry, tracing: Tracing): Database {
  telemetry.watchPools({ primary: [primary.pool], replica: replicas.pools });
  primary.incarnations.onChange = () => telemetry.serverChanged();
  const parts = [primary, replicas, telemetry, timeouts(config)] as const;
  return tracing.on ? new TracedDatabase(tracing, ...parts) : new Database(...parts);
}

async function start(config: PostgresConfig, entities: Entities, migrations: readonly Migration[]): Promise<Primary> {
  const primary = await openPrimary(config, entities);
  try {
    await requireSchema(async (text) => (await primary.pool.query(text)).rows as object[], migrations);
    return primary;
  } catch (error) {
    await primary.close();
    throw error;
  }
}
