import { Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { NotAdmitted, RealtimeTelemetry } from '@veche/edge-realtime';
import { Logger } from '@veche/platform-telemetry';

/** What this door tells of itself; sessions are counted by the realtime core. */
@Injectable()
export class WebSocketTelemetry {
  private readonly log: Logger;

  constructor(
    logger: Logger,
    private readonly realtime: RealtimeTelemetry,
  ) {
    this.log = logger.child('websocket');
  }

  /** The error as the client may see it. Addresses carry tokens, so none is ever logged. */
  refused(error: unknown): VecheError {
    const known = error instanceof VecheError ? error : new VecheError('internal');
    if (known !== error) this.log.error({ err: error }, 'a handshake failed for a reason that is ours');
    if (!(known instanceof NotAdmitted)) this.realtime.connectFailed(known.error);
    return known;
  }
}
