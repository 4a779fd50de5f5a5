import { type ConfigOf, list, section, setting } from '@veche/platform-config';
import { z } from 'zod';

const milliseconds = (fallback: number): z.ZodDefault<z.ZodCoercedNumber> => z.coerce.number().int().min(1).max(600_000).default(fallback);
const FORM = 'postgres://user:password@host:5432/database';
const url = z
  .string()
  .regex(/^postgres(ql)?:\/\/\S+$/, `must look like ${FORM}`)
  .meta({ allowed: `${FORM}, or with several hosts: postgres://user:password@one:5432,two:5432/database` });

/** Where a pooler stands in front of the server, and whether it carries statements with a name. */
export const POOLERS = ['auto', 'none', 'transaction', 'transaction-prepared'] as const;

export const postgresConfig = section(
  'pg',
  {
    PG_URL: setting(
      url,
      'Primary database: postgres://user:password@host:5432/database. Of several hosts the one that takes writes is used. May lead through a pooler in transaction mode.',
      { secret: true },
    ),
    PG_DIRECT_URL: setting(
      url.or(z.literal('')).default('').meta({ allowed: FORM }),
      'The same database past any pooler, for LISTEN and migrations; empty: PG_URL leads there directly.',
      { secret: true },
    ),
    PG_REPLICA_URLS: setting(
      list().pipe(z.array(url).max(16)).meta({ allowed: 'up to 16 URLs like that of PG_URL, separated by commas' }),
      'Read replicas, comma separated; without one the primary answers every read.',
      { secret: true },
    ),
    PG_POOLER: setting(
      z.enum(POOLERS).default('auto'),
      'What stands in front of the server: none, a pooler in transaction mode, or one that also carries prepared statements (PgBouncer from 1.21 on with max_prepared_statements); auto finds out at each connection.',
    ),
    PG_POOL_SIZE: setting(z.coerce.number().int().min(1).max(500).default(10), 'Connections kept open to the primary, and to each replica.', {
      aliases: ['DB_POOL_SIZE'],
    }),
    PG_MAX_OVERFLOW: setting(z.coerce.number().int().min(0).max(500).default(5), 'Connections opened beyond the pool under load and closed again when idle.', {
      aliases: ['DB_MAX_OVERFLOW'],
    }),
    PG_OVERFLOW_IDLE_MS: setting(milliseconds(10_000), 'A connection beyond the pool is closed after it was idle for this many milliseconds.'),
    PG_STATEMENT_TIMEOUT_MS: setting(milliseconds(2000), 'The server cancels a statement after this many milliseconds, also behind a pooler.'),
    PG_QUERY_TIMEOUT_MS: setting(
      milliseconds(3000),
      'The client gives up waiting for an answer after this many milliseconds and closes the connection; the outcome of a write is then unknown.',
    ),
    PG_REPLICA_TIMEOUT_MS: setting(
      milliseconds(1000),
      'A replica that has not answered a read in this many milliseconds is left alone, and the primary is asked.',
    ),
    PG_LOCK_TIMEOUT_MS: setting(milliseconds(1500), 'A statement gives up waiting for a lock after this many milliseconds.'),
    PG_IDLE_IN_TX_TIMEOUT_MS: setting(milliseconds(5000), 'The server ends a transaction that sits idle for this many milliseconds, also behind a pooler.'),
    PG_CONNECT_TIMEOUT_MS: setting(milliseconds(2000), 'Milliseconds to wait for a free or new connection.'),
  },
  (values) =>
    values.PG_QUERY_TIMEOUT_MS > values.PG_STATEMENT_TIMEOUT_MS
      ? []
      : [
          'PG_QUERY_TIMEOUT_MS must be greater than PG_STATEMENT_TIMEOUT_MS: otherwise every slow statement ends as an unknown outcome; raise the first or lower the second',
        ],
);
export type PostgresConfig = ConfigOf<typeof postgresConfig>;

/** Past any pooler. */
export const directUrl = (config: Pick<PostgresConfig, 'PG_URL' | 'PG_DIRECT_URL'>): string => config.PG_DIRECT_URL || config.PG_URL;
