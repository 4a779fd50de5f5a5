import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from './database.ts';
import { type Migration, requireSchema } from './migrations.ts';
import { type PostgresConfig, postgresConfig } from './postgres.config.ts';
import { PostgresTelemetry } from './postgres.telemetry.ts';
import { type Entities, openPrimary, type Primary } from './primary.ts';
import { Replicas } from './replicas.ts';
import { poolLimits } from './connections.ts';

export interface PostgresModuleOptions {
  readonly entities: Entities;
  /** All that the modules of this process need; the start fails while one of them is not applied. */
  readonly migrations: readonly Migration[];
}

const PRIMARY = Symbol('Primary');

/** Global: provides `Database`. Connects and checks the schema before any module that uses it starts; closes after all others have stopped. */
@Module({})
export class PostgresModule implements OnApplicationShutdown {
  constructor(
    @Inject(PRIMARY) private readonly primary: Primary,
    private readonly replicas: Replicas,
  ) {}

  static forRoot({ entities, migrations }: PostgresModuleOptions): DynamicModule {
    return {
      module: PostgresModule,
      global: true,
      providers: [
        PostgresTelemetry,
        { provide: PRIMARY, inject: [postgresConfig.token], useFactory: (config: PostgresConfig) => start(config, entities, migrations) },
        { provide: Replicas, inject: [postgresConfig.token, PostgresTelemetry], useFactory: replicasOf },
        { provide: Database, inject: [PRIMARY, Replicas, PostgresTelemetry], useFactory: databaseOf },
      ],
      exports: [Database],
    };
  }

  /** Last of the shutdown hooks: consumers have committed what they took. */
  async onApplicationShutdown(): Promise<void> {
    await this.replicas.close();
    if (this.primary.dataSource.isInitialized) await this.primary.dataSource.destroy();
  }
}

const replicasOf = (config: PostgresConfig, telemetry: PostgresTelemetry): Replicas =>
  new Replicas(config.PG_REPLICA_URLS, poolLimits(config), (error) => telemetry.replicaFailed(error));

function databaseOf({ dataSource, pool }: Primary, replicas: Replicas, telemetry: PostgresTelemetry): Database {
  telemetry.watchPools({ primary: [pool], replica: replicas.pools });
  return new Database(dataSource, pool, replicas, telemetry);
}

async function start(config: PostgresConfig, entities: Entities, migrations: readonly Migration[]): Promise<Primary> {
  const primary = await openPrimary(config, entities);
  try {
    await requireSchema(async (text) => (await primary.pool.query(text)).rows as object[], migrations);
    return primary;
  } catch (error) {
    await primary.dataSource.destroy();
    throw error;
  }
}
