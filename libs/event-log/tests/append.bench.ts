/**
 * Measures the append: durable events a second on one connection, and what a row costs in Node and in Postgres.
 * Run on the built packages: `node libs/event-log/tests/append.bench.ts <url of a Postgres server>`.
 */
import { readFileSync } from 'node:fs';
import { EventLog, eventLogMigrations, type LockedChannel, type NewEvent } from '@veche/event-log';
import { type Database, migrate, openDatabase } from '@veche/platform-postgres';

export interface AppendFigures {
  readonly rows_per_s: number;
  readonly node_cpu_us_per_row: number;
  /** The backend of the connection; 0 when Postgres is not on this machine. */
  readonly pg_cpu_us_per_row: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

export interface AppendLoad {
  readonly batch: number;
  readonly rows: number;
  readonly channels: number;
}

const TEXT = 'Good morning everybody, "the build" is green again and the release notes are in the usual place. Please have a look before noon, thanks!';

/** Appends `rows` events of ~200 bytes in batches over many channels, one batch after the other on one connection, each committed durably. */
export async function benchAppend(pgUrl: string, { batch = 200, rows = 100_000, channels = 100 }: Partial<AppendLoad> = {}): Promise<AppendFigures> {
  const scratch = await openDatabase({ PG_URL: pgUrl, PG_STATEMENT_TIMEOUT_MS: 60_000, PG_QUERY_TIMEOUT_MS: 61_000 });
  await scratch.database.query({ text: `DROP DATABASE IF EXISTS ${SCRATCH}` });
  await scratch.database.query({ text: `CREATE DATABASE ${SCRATCH}` });
  try {
    return await appendTo(beside(pgUrl), { batch, rows, channels });
  } finally {
    await scratch.database.query({ text: `DROP DATABASE ${SCRATCH}` });
    await scratch.close();
  }
}

/** A database of its own on the same server: the one given may belong to a running product. */
const SCRATCH = 'veche_bench_append';

function beside(pgUrl: string): string {
  const url = new URL(pgUrl);
  url.pathname = `/${SCRATCH}`;
  return url.href;
}

async function appendTo(url: string, { batch, rows, channels }: AppendLoad): Promise<AppendFigures> {
  await migrate(url, eventLogMigrations);
  const { database, close } = await openDatabase({ PG_URL: url, PG_POOL_SIZE: 1, PG_MAX_OVERFLOW: 0 });
  try {
    const log = new EventLog(database);
    const locked = await lock(database, log, channels);
    await appendAll(database, log, locked, batch, Math.ceil(rows / 10));
    return await measure(database, log, locked, batch, rows);
  } finally {
    await close();
  }
}

async function measure(database: Database, log: EventLog, channels: readonly LockedChannel[], batch: number, rows: number): Promise<AppendFigures> {
  const [{ pid } = { pid: 0 }] = await database.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' });
  const before = { node: process.cpuUsage(), pg: cpuOf(pid), at: performance.now() };
  const took = await appendAll(database, log, channels, batch, rows);
  const seconds = (performance.now() - before.at) / 1000;
  const node = process.cpuUsage(before.node);
  const sorted = took.toSorted((a, b) => a - b);
  return {
    rows_per_s: Math.round(rows / seconds),
    node_cpu_us_per_row: round((node.user + node.system) / rows),
    pg_cpu_us_per_row: round((cpuOf(pid) - before.pg) / rows),
    p50_ms: round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    p99_ms: round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
  };
}

async function appendAll(database: Database, log: EventLog, channels: readonly LockedChannel[], batch: number, rows: number): Promise<number[]> {
  const took: number[] = [];
  for (let done = 0; done < rows; done += batch) {
    const events = Array.from({ length: Math.min(batch, rows - done) }, (_, i) => event(channels[(done + i) % channels.length] as LockedChannel));
    const start = performance.now();
    await database.transaction((tx) => log.append(tx, events), { planner: 'indexed' });
    took.push(performance.now() - start);
  }
  return took;
}

let minted = 0;
const run = Date.now().toString(36);
const event = (channel: LockedChannel): NewEvent => ({
  channel,
  kind: 'chat.message-sent.v1',
  actor: `user-${minted % 1000}`,
  command_id: `${run}-${(minted++).toString(36).padStart(8, '0')}`,
  command: 'chat.send-message',
  data: JSON.stringify({ text: TEXT, number: minted }),
  meta: null,
});

async function lock(database: Database, log: EventLog, count: number): Promise<readonly LockedChannel[]> {
  const names = Array.from({ length: count }, (_, i) => `thread:bench-${i}`);
  for (const name of names) await log.open(name);
  return database.query<LockedChannel>({ text: 'SELECT slot, id, name, epoch, last_seq FROM channel WHERE name = ANY($1)', values: [names] });
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** Microseconds of CPU that a process has used. */
function cpuOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return 0;
  }
}

if (import.meta.main) console.log(JSON.stringify(await benchAppend(process.argv[2] ?? ''), null, 2));
