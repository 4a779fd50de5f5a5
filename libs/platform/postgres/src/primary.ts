/** The pool of the primary, which TypeORM and the raw statements share: one bound on connections for both. */
import type pg from 'pg';
import { DataSource, type MixedList } from 'typeorm';
import { poolLimits } from './connections.ts';
import type { PostgresConfig } from './postgres.config.ts';

// oxlint-disable-next-line typescript/no-unsafe-function-type -- TypeORM's own name for a class
export type Entities = MixedList<Function>;

export interface Primary {
  readonly dataSource: DataSource;
  readonly pool: pg.Pool;
}

/** Connects; rejects when the primary cannot be reached. */
export async function openPrimary(config: PostgresConfig, entities: Entities): Promise<Primary> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: config.PG_URL,
    entities,
    synchronize: false,
    installExtensions: false,
    poolErrorHandler: () => undefined,
    extra: poolLimits(config),
  });
  await dataSource.initialize();
  // TypeORM keeps its pool here and gives no other way to it.
  const { master: pool } = dataSource.driver as unknown as { readonly master: pg.Pool };
  return { dataSource, pool };
}
