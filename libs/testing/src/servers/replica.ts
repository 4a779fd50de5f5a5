/** A streaming replica, made with the server's own backup functions: the Postgres that npm brings has no pg_basebackup. */
import { constants, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withClient } from '../postgres/with-client.ts';
import { eventually } from '../waiters.ts';
import { giveToNobody, privateFolder, removeFolder } from './folders.ts';
import { PostgresControl, type PrimaryServer } from './postgres.ts';

export interface ReplicaOptions {
  readonly name?: string;
  readonly port?: number;
  /** Default: a temporary one. Must be empty or absent. */
  readonly dataDir?: string;
  /** From which port of 127.0.0.1 it streams; default: the primary's own. A proxy may stand there. */
  readonly through?: number;
  /** Off: no fsync. Default on. */
  readonly durable?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

export interface ReplicaServer extends PrimaryServer {
  /** Resolves when it has replayed all that the primary has written by now; rejects after 10 s. */
  caughtUp(): Promise<void>;
  /** From now on a commit on the primary waits for it (true) or does not. */
  synchronous(on: boolean): Promise<void>;
  /** Makes it a primary of its own; resolves when it accepts writes. */
  promote(): Promise<void>;
}

/** Copies the running primary (of `startPrimary`), then streams from it. */
export async function startReplica(primary: PrimaryServer, options: ReplicaOptions = {}): Promise<ReplicaServer> {
  const name = options.name ?? 'replica';
  const home = options.dataDir === undefined ? privateFolder(name) : undefined;
  const dataDir = options.dataDir ?? join(home ?? '', 'data');
  const slot = `veche_${name.replaceAll(/\W/g, '_')}`;
  try {
    await copyPrimary(primary, dataDir, slot);
    follow(primary, dataDir, options.through ?? primary.port, name, slot);
    return await Replica.start(primary, { ...options, name, dataDir, home, slot });
  } catch (error) {
    if (home !== undefined) removeFolder(home);
    throw error;
  }
}

async function copyPrimary(primary: PrimaryServer, dataDir: string, slot: string): Promise<void> {
  // The session that starts a backup must live until it stops it.
  await withClient(primary.url, async (client) => {
    await client.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [slot]);
    // From here on the primary keeps all that the replica will ask for.
    await client.query('SELECT pg_create_physical_replication_slot($1, true)', [slot]);
    await client.query('SELECT pg_backup_start($1, true)', [slot]);
    copyFolder(primary.dataDir, dataDir);
    const { rows } = await client.query<{ label: string; spaces: string }>('SELECT labelfile AS label, spcmapfile AS spaces FROM pg_backup_stop(false)');
    write(join(dataDir, 'backup_label'), rows[0]?.label ?? '');
    if (rows[0]?.spaces) write(join(dataDir, 'tablespace_map'), rows[0].spaces);
  });
}

/** Of these the folders are needed, their content is the primary's own. */
const EMPTY = new Set(['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans', 'pgsql_tmp']);
const LEFT_OUT = /^(postmaster\.(pid|opts)|backup_label.*|tablespace_map.*|.*\.signal|pgsql_tmp.*|pg_internal\.init.*)$/;

/** Files change and vanish while they are copied: the WAL since the start of the backup repairs what was torn. */
function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  giveToNobody(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory() && EMPTY.has(entry.name)) emptyFolder(copy, entry.name);
    else if (entry.isDirectory()) copyFolder(source, copy);
    else if (entry.isFile() && !LEFT_OUT.test(entry.name)) copyFile(source, copy);
  }
}

function emptyFolder(path: string, name: string): void {
  const folders = name === 'pg_wal' ? [path, join(path, 'archive_status'), join(path, 'summaries')] : [path];
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    giveToNobody(folder);
  }
}

function copyFile(source: string, copy: string): void {
  try {
    copyFileSync(source, copy, constants.COPYFILE_FICLONE);
    giveToNobody(copy);
  } catch (error) {
    // Dropped meanwhile: the WAL says so too.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function write(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  giveToNobody(path);
}

function follow(primary: PrimaryServer, dataDir: string, port: number, name: string, slot: string): void {
  const { username, password } = new URL(primary.url);
  const info = { host: '127.0.0.1', port, user: username, password: decodeURIComponent(password), application_name: name, connect_timeout: 5 };
  const words = Object.entries(info).flatMap(([key, value]) => (value === '' ? [] : [`${key}='${String(value).replaceAll(/['\\]/g, '\\$&')}'`]));
  write(join(dataDir, 'standby.signal'), '');
  write(join(dataDir, 'postgresql.auto.conf'), `primary_conninfo = '${words.join(' ').replaceAll(/['\\]/g, '$&$&')}'\nprimary_slot_name = '${slot}'\n`);
}

interface Made extends ReplicaOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly home: string | undefined;
  readonly slot: string;
}

class Replica extends PostgresControl implements ReplicaServer {
  #primary: PrimaryServer | undefined;
  #slot = '';

  static async start(primary: PrimaryServer, { name, dataDir, home, slot, port, durable = true, settings }: Made): Promise<Replica> {
    // Of a primary that reports a cut only after a minute, the replica would not notice sooner.
    const own = { hot_standby: 'on', wal_receiver_timeout: '5s', wal_retrieve_retry_interval: '500ms', ...settings };
    const { password } = new URL(primary.url);
    const secret = password ? { password: decodeURIComponent(password) } : {};
    const replica = new Replica(name, { dataDir, durable, settings: own, ...secret, ...(port !== undefined && { port }) }, home);
    replica.#primary = primary;
    replica.#slot = slot;
    await replica.start();
    return replica;
  }

  async caughtUp(): Promise<void> {
    const target = await value<string>(this.#source.url, 'SELECT pg_current_wal_lsn()::text AS value');
    const reached = () => value<boolean>(this.url, 'SELECT coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) AS value', [target]);
    await eventually(reached, { what: `${this.name} has replayed ${target}` });
  }

  async synchronous(on: boolean): Promise<void> {
    await withClient(this.#source.url, async (client) => {
      await client.query(`ALTER SYSTEM SET synchronous_standby_names = '${on ? `"${this.name}"` : ''}'`);
      await client.query('SELECT pg_reload_conf()');
    });
    const wanted = on ? 'sync' : 'async';
    const state = () =>
      value<boolean>(this.#source.url, 'SELECT sync_state = $2 AS value FROM pg_stat_replication WHERE application_name = $1', [this.name, wanted]);
    await eventually(state, { what: `${this.name} is ${wanted}` });
  }

  async promote(): Promise<void> {
    await value(this.url, 'SELECT pg_promote(true, 60) AS value');
    await eventually(() => value<boolean>(this.url, 'SELECT NOT pg_is_in_recovery() AS value'), { what: `${this.name} accepts writes` });
  }

  /** A primary that goes on without it must not keep its log for it. */
  override async remove(): Promise<void> {
    await super.remove();
    if (!this.#source.running) return;
    const drop = () =>
      value(this.#source.url, 'SELECT pg_drop_replication_slot(slot_name) AS value FROM pg_replication_slots WHERE slot_name = $1 AND NOT active', [
        this.#slot,
      ]);
    await drop().catch(() => undefined);
  }

  get #source(): PrimaryServer {
    if (this.#primary === undefined) throw new Error(`${this.name} has no primary`);
    return this.#primary;
  }
}

async function value<T>(url: string, text: string, values: unknown[] = []): Promise<T | undefined> {
  return withClient(url, async (client) => (await client.query<{ value: T }>(text, values)).rows[0]?.value);
}
