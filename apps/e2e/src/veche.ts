/** Veche as its users meet it, however it is deployed: tests that hold of every topology start it here. */

export interface Veche {
  /** Where clients go: one door, whatever stands behind it. */
  readonly origin: string;
  readonly database: { readonly url: string };
  /** What all of its processes have written lately. */
  readonly log: string;
  /** Of its processes; changes when one was started anew. */
  readonly pids: readonly number[];
  /** All processes' metrics, one after another. */
  metrics(): Promise<string>;
  /** What the health checks of its processes answer. */
  health(probe: 'live' | 'ready'): Promise<readonly HealthAnswer[]>;
  /** SIGKILL of every process of the product; resolves when they are gone. */
  kill(): Promise<void>;
  /** On the same ports and data as before; resolves when it is ready. */
  start(): Promise<void>;
  /** `kill` and `start`. */
  crash(): Promise<void>;
  /** `crash` of every other process, chosen anew each time: what is left carries on. Of the only one, where there is one. */
  crashSome(): Promise<void>;
  /** Ends everything gracefully and drops the database. @throws Error when a process did not end by itself */
  stop(): Promise<void>;
}

export interface HealthAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Topology = 'standalone' | 'redis' | 'postgres' | 'distributed';

export interface VecheOptions {
  /** Settings beside ports and database. */
  readonly env?: Readonly<Record<string, string>>;
  /** Postgres to make the database on; default: that of the run. */
  readonly adminUrl?: string;
}
