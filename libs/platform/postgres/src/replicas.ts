/** Reads that may be a little late, spread over the replicas that answer. */
import pg from 'pg';
import type { PoolLimits } from './connections.ts';
import { certainFailure, DatabaseUnavailableError } from './errors.ts';
import type { Statement } from './types.ts';

/** A replica that failed is not asked for this long: a dead host must not cost every read its connect timeout. */
const REST_MS = 5000;

interface Replica {
  readonly pool: pg.Pool;
  restsUntil: number;
}

export class Replicas {
  private readonly replicas: readonly Replica[];
  private next = 0;

  /** Opens no connection: a replica that is dead at the start is found when it is asked, and again after it is back. */
  constructor(
    urls: readonly string[],
    limits: PoolLimits,
    private readonly failed: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.replicas = urls.map((connectionString) => {
      const pool = new pg.Pool({ ...limits, connectionString });
      pool.on('error', () => undefined);
      return { pool, restsUntil: 0 };
    });
  }

  /** `undefined` when no replica could answer; an error of the statement itself is thrown. */
  async query<Row>({ name, text, values }: Statement): Promise<readonly Row[] | undefined> {
    for (const replica of this.rested()) {
      try {
        const { rows } = await replica.pool.query({ ...(name !== undefined && { name }), text, values: values as unknown[] });
        return rows as Row[];
      } catch (error) {
        const failure = certainFailure(error);
        if (!(failure instanceof DatabaseUnavailableError)) throw failure;
        replica.restsUntil = this.now() + REST_MS;
        this.failed(error);
      }
    }
    return undefined;
  }

  /** Connections of all replicas, for the gauges. */
  get pools(): readonly pg.Pool[] {
    return this.replicas.map(({ pool }) => pool);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.replicas.map(({ pool }) => pool.end()));
  }

  private rested(): Replica[] {
    const now = this.now();
    const able = this.replicas.filter(({ restsUntil }) => restsUntil <= now);
    const first = able.length > 0 ? this.next++ % able.length : 0;
    return [...able.slice(first), ...able.slice(0, first)];
  }
}
