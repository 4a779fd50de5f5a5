/** A command that somebody waits for, and what it is refused with. */
import { type CommandReply, type Refusal, refusal } from '@veche/contracts';
import type { SealedCommand } from '../records/command-records.ts';

/** Beside the data: names and numbers of an envelope. */
const ENVELOPE_BYTES = 200;

export const STOPPING = refusal('unavailable', 'the server is stopping, nothing was done; send it again to another');
export const EXPIRED = refusal('unavailable', 'the deadline passed before the command was taken up, nothing was done; send it again');
export const AWAY: Refusal = {
  ...refusal('unavailable', 'the database does not answer at the moment, nothing was done; send it again after a pause'),
  retry_after_ms: 1000,
};
export const QUEUE_FULL = refusal('unavailable', 'too many commands are waiting, nothing was done; send it again after a pause');
export const UNROUTABLE = refusal('unavailable', 'no service takes commands here, nothing was done');
export const UNKNOWN = refusal('outcome_unknown', 'no answer in time, the outcome is unknown; send it again with the same command_id');

export class PendingCommand {
  readonly bytes: number;
  /** Whether it was answered. */
  settled = false;

  constructor(
    readonly sealed: SealedCommand,
    /** When its sender came with it, ms by the clock. */
    readonly since: number,
    private readonly resolve: (reply: CommandReply) => void,
  ) {
    this.bytes = ENVELOPE_BYTES + sealed.json.length + (sealed.meta?.length ?? 0);
  }

  /** The first answer counts; later ones are ignored. */
  settle(reply: CommandReply): void {
    if (this.settled) return;
    this.settled = true;
    this.resolve(reply);
  }
}
