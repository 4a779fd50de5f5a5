import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from './database.ts';
import { type Migration, requireSchema } from './migrations.ts';
import { type PostgresConfig, postgresConfig } from './postgres.config.ts';
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
        { provide: PRIMARY, inject: [postgresConfig.token], useFactory: (config: PostgresConfig) => start(config, entities, migrations) },
        { provide: Replicas, inject: [postgresConfig.token], useFactory: (config: PostgresConfig) => new Replicas(config.PG_REPLICA_URLS, poolLimits(config), () => undefined) },
        { provide: Database, inject: [PRIMARY, Replicas], useFactory: ({ dataSource, pool }: Primary, replicas: Replicas) => new Database(dataSource, pool, replicas) },
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
