/** What can happen to the database under a running server: each fault begins, is felt, and passes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { type PostgresServer, startPostgres, withClient } from '@veche/testing';

export class FaultyPostgres {
  private constructor(
    private readonly dataDir: string,
    private server: PostgresServer,
  ) {}

  static async start(): Promise<FaultyPostgres> {
    const dataDir = await mkdtemp(join(tmpdir(), 'veche-faults-'));
    return new FaultyPostgres(dataDir, await startPostgres({ dataDir, durable: true }));
  }

  /** On a volume of its own, of a bounded size. `undefined` where this process may not mount one. */
  static async onSmallVolume(megabytes: number): Promise<FaultyPostgres | undefined> {
    const volume = await mkdtemp(join(tmpdir(), 'veche-volume-'));
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', volume]).status !== 0) {
      await rm(volume, { recursive: true });
      return undefined;
    }
    const dataDir = join(volume, 'data');
    const settings = { max_wal_size: '32MB', min_wal_size: '32MB' };
    const postgres = new FaultyPostgres(dataDir, await startPostgres({ dataDir, durable: true, settings }));
    postgres.volume = volume;
    return postgres;
  }

  private volume: string | undefined;

  /** Takes all that is left of the volume. */
  fill(): void {
    const file = openSync(join(this.volume!, 'filler'), 'w');
    const block = Buffer.alloc(65_536, 1);
    try {
      for (;;) writeSync(file, block);
    } catch {
      // Full, which was the aim.
    } finally {
      closeSync(file);
    }
  }

  free(): Promise<void> {
    return rm(join(this.volume!, 'filler'));
  }

  get url(): string {
    return this.server.url;
  }

  kill(): Promise<void> {
    return this.server.kill();
  }

  /** On the same port and data as before. */
  async restart(): Promise<void> {
    this.server = await startPostgres({ dataDir: this.dataDir, durable: true, port: this.server.port });
  }

  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  /** Every connection but our own. */
  terminateBackends(): Promise<unknown> {
    return this.asAdmin('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL');
  }

  /** As a primary that was demoted: writes are refused, reads are not. */
  async readOnly(database: string, on: boolean): Promise<void> {
    await this.asAdmin(`ALTER DATABASE "${database}" SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
    await this.terminateBackends();
  }

  async stop(): Promise<void> {
    // A test that failed while it was frozen leaves it so, and what stands still does not end either.
    this.thaw();
    await this.server.stop();
    if (this.volume) spawnSync('umount', [this.volume]);
    await rm(this.volume ?? this.dataDir, { recursive: true, force: true });
  }

  private asAdmin(text: string): Promise<unknown> {
    return withClient(this.server.url, (client) => client.query(text));
  }

  private signal(signal: NodeJS.Signals): void {
    for (const pid of this.pids()) {
      try {
        process.kill(pid, signal);
      } catch {
        // Ended meanwhile: a child whose client has gone.
      }
    }
  }

  /** The postmaster and its children. */
  private pids(): number[] {
    const { pid } = this.server;
    return [
      pid,
      ...readdirSync('/proc')
        .map(Number)
        .filter((one) => one > 0 && parentOf(one) === pid),
    ];
  }
}

function parentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^PPid:\t(\d+)$/m)?.[1]);
  } catch {
    return 0; // gone meanwhile
  }
}
