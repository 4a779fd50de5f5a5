/** Which server answers, and whether it may be believed. */
import { DatabaseUnavailableError } from '../errors.ts';

/**
 * Names one life of one server: its timeline, its start, and the reset of its statistics, which is the only mark of a crash that the
 * postmaster itself survived (a backend killed by SIGKILL: all others end and the log is recovered, the start time stays).
 * `pg_stat_wal_receiver` shows a standby's timeline to members of pg_monitor only; for others the last checkpoint's is told, which is late and never early.
 */
export const INCARNATION = `concat_ws(' ', CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END,
  extract(epoch FROM pg_postmaster_start_time()), extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()))`;

export const STATE = `SELECT pg_backend_pid() AS pid, pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS read_only,
  CASE WHEN pg_is_in_recovery() THEN greatest((SELECT received_tli FROM pg_stat_wal_receiver), (SELECT timeline_id FROM pg_control_checkpoint()))
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int END AS timeline,
  ${INCARNATION} AS incarnation`;

export interface ServerState {
  readonly pid: number;
  readonly standby: boolean;
  readonly read_only: boolean;
  readonly timeline: number;
  readonly incarnation: string;
}

/**
 * What this process has learnt about the servers of its database.
 *
 * - Timelines only grow: a server with a lower one than was ever seen is an old primary that came back, and is neither written nor read.
 * - After a crash or a promotion rows are visible that no standby has. Nothing is read until one write of ours has committed there (measured:
 *   such a row was shown and then lost with the server).
 */
export class Incarnations {
  private highest = 0;
  private sound = '';
  /** Called when a write has committed in a life of the server that was not known. */
  onChange: (incarnation: string) => void = () => {};

  /** The life that a write of ours has committed in; '' before the first. */
  get known(): string {
    return this.sound;
  }

  see({ timeline }: Pick<ServerState, 'timeline'>): void {
    this.highest = Math.max(this.highest, timeline);
  }

  /** A standby that follows an old history has rows that never happened, and an old primary writes into one that nobody will see. */
  isCurrent({ timeline }: Pick<ServerState, 'timeline'>): boolean {
    return timeline >= this.highest;
  }

  /** @throws DatabaseUnavailableError for a server that writes must not go to */
  admit(state: ServerState): void {
    if (!this.isCurrent(state))
      throw new DatabaseUnavailableError(new Error(`an old primary answers: its timeline is ${state.timeline}, timeline ${this.highest} was seen`));
    if (state.standby || state.read_only) throw new DatabaseUnavailableError(new Error('the server takes no writes: it is a standby or was made read-only'));
    this.see(state);
  }

  /** A write of ours has committed there. */
  settled(state: ServerState): void {
    this.admit(state);
    if (this.sound === state.incarnation) return;
    this.sound = state.incarnation;
    this.onChange(state.incarnation);
  }
}
