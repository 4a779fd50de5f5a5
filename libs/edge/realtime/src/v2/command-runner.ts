import type { CloseRow } from '@veche/contracts';
import type { Session } from '../session/session.ts';
import type { Command, Method } from './codec.ts';

/** One command of the protocol. Throws VecheError for an error reply, Disconnect or ProtocolViolation to end the session. */
export interface CommandRunner {
  readonly method: Method;
  run(session: Session, command: Command): void | Promise<void>;
}

export const V2_COMMANDS = Symbol('V2Commands');

/** Ends the session instead of answering. */
export class Disconnect extends Error {
  constructor(readonly row: CloseRow) {
    super(row.reason);
  }
}
