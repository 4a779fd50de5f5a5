import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '@veche/platform-config';
import { Database, type Migration, migrate, openDatabase, PostgresModule, postgresConfig, SchemaVersionError } from '@veche/platform-postgres';
import { TelemetryModule, telemetryConfig } from '@veche/platform-telemetry';
import { createDatabase, eventually, type TestDatabase } from '@veche/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { afterEach, beforeEach, expect, test } from 'vitest';

let created: TestDatabase;
beforeEach(async () => {
  created = await createDatabase();
});
afterEach(() => created.drop());

class CreateFirst1700000000001 implements MigrationInterface {
  up = (runner: QueryRunner) => runner.query('CREATE TABLE first (one int)');
  down = (runner: QueryRunner) => runner.query('DROP TABLE first');
}
class CreateSecond1700000000002 implements MigrationInterface {
  up = (runner: QueryRunner) => runner.query('CREATE TABLE second AS SELECT one FROM first');
  down = (runner: QueryRunner) => runner.query('DROP TABLE second');
}
class Broken1700000000003 implements MigrationInterface {
  up = (runner: QueryRunner) => runner.query('CREATE TABLE third (one int); SELECT 1/0');
  down = () => Promise.resolve();
}
class Alter1700000000004 implements MigrationInterface {
  up = (runner: QueryRunner) => runner.query('ALTER TABLE first ADD COLUMN two int');
  down = () => Promise.resolve();
}
/** Out of order: the timestamps decide. */
const both: readonly Migration[] = [CreateSecond1700000000002, CreateFirst1700000000001];

async function tables(): Promise<string[]> {
  const { database, close } = await openDatabase({ PG_URL: created.url });
  const rows = await database.query<{ name: string }>({ text: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1` });
  await close();
  return rows.map(({ name }) => name);
}

test('an empty database is brought to the current schema, and a current one left alone', async () => {
  expect(await migrate(created.url, both)).toEqual(['CreateFirst1700000000001', 'CreateSecond1700000000002']);
  expect(await migrate(created.url, both)).toEqual([]);
  expect(await tables()).toEqual(['first', 'migrations', 'second']);
});

test('four at once: each migration is applied once', async () => {
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(created.url, both)));
  expect(applied.flat().toSorted()).toEqual(['CreateFirst1700000000001', 'CreateSecond1700000000002']);
});

test('a migration that fails leaves the schema as it was before all of them', async () => {
  await expect(migrate(created.url, [...both, Broken1700000000003])).rejects.toThrow('division by zero');
  expect(await tables()).toEqual([]);
});

test('a database of a newer release is refused and left alone', async () => {
  await migrate(created.url, both);
  await expect(migrate(created.url, [CreateFirst1700000000001, Broken1700000000003])).rejects.toThrow(/newer than this release.*CreateSecond1700000000002/);
});

test('waits for a busy table in short turns, so that nobody queues up behind it, and gets its turn', async () => {
  await migrate(created.url, [CreateFirst1700000000001]);
  const { database, close } = await openDatabase({ PG_URL: created.url, PG_IDLE_IN_TX_TIMEOUT_MS: 20_000 });
  let done = false;
  const migrated = await database.transaction(async (tx) => {
    await tx.query({ text: 'SELECT one FROM first' });
    const waiting = migrate(created.url, [CreateFirst1700000000001, Alter1700000000004]).finally(() => (done = true));
    await eventually(async () => (await database.query({ text: `SELECT FROM pg_locks WHERE NOT granted` })).length > 0);
    // Whoever comes meanwhile waits behind the migration for a moment at most.
    await expect(database.query({ text: 'SELECT one FROM first' })).resolves.toEqual([]);
    expect(done).toBe(false);
    return { waiting };
  });
  expect(await migrated.waiting).toEqual(['Alter1700000000004']);
  await close();
});

test('a process does not start on a schema that lacks something, and says what to do', async () => {
  await migrate(created.url, [CreateFirst1700000000001]);
  await expect(start(both)).rejects.toThrow(SchemaVersionError);
  await expect(start(both)).rejects.toThrow(/lacks 1 migration\(s\): CreateSecond1700000000002; run the migrate app/);
});

test('a process starts on a schema that is newer than itself, because old and new pods run side by side', async () => {
  await migrate(created.url, both);
  const app = await start([CreateFirst1700000000001]);
  expect(await app.get(Database).query({ text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
  await app.close();
});

test('a process does not start without its database, and leaves nothing open', async () => {
  await expect(start(both, 'postgres://postgres@127.0.0.1:1/nobody')).rejects.toThrow('ECONNREFUSED');
});

async function start(migrations: readonly Migration[], url = created.url) {
  const config = ConfigModule.forRoot([postgresConfig, telemetryConfig], { PG_URL: url, LOG_LEVEL: 'fatal' });
  const root = { module: class App {}, imports: [config, TelemetryModule, PostgresModule.forRoot({ entities: [], migrations })] };
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
}
