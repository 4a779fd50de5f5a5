export type { Queryable, Statement, Transaction } from './types.ts';
export { Database, type ReadOptions, type TransactionOptions } from './database.ts';
export { DatabaseUnavailableError, isRetryable, sqlState, UnknownOutcomeError } from './errors.ts';
export { Listener, type NotificationHandler } from './listener.ts';
export { type Migration, migrate, SchemaVersionError } from './migrations.ts';
export { directUrl, type PostgresConfig, postgresConfig } from './postgres.config.ts';
export { PostgresModule, type PostgresModuleOptions } from './postgres.module.ts';
export { type OpenDatabase, openDatabase } from './open.ts';
export { contractionsOf } from './expand.rules.ts';
