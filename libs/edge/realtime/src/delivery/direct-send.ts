import { Inject, Injectable } from '@nestjs/common';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import type { Recipient } from '../hub/recipient.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { type Fanout, loadFanout } from './fanout.ts';
import { canLend } from './lent-descriptor.ts';

/** Recipients of one call: about 8 ms of the event loop. */
export const CHUNK = 1_000;

/**
 * Writes one frame to many sessions past Node's streams, where that is possible: collect with `take`, then `send`.
 * Nothing that could close a socket runs between the two, so every descriptor is still its session's when the kernel gets it.
 */
@Injectable()
export class DirectSend {
  private readonly fanout: Fanout | undefined;
  private readonly descriptors = new Int32Array(CHUNK);
  private readonly results = new Int32Array(CHUNK);
  private taken: Recipient[] = [];

  constructor(@Inject(gatewayConfig.token) config: Pick<GatewayConfig, 'GATEWAY_NATIVE_SEND'>, telemetry: RealtimeTelemetry) {
    this.fanout = config.GATEWAY_NATIVE_SEND === 'off' || !canLend ? undefined : loadFanout();
    telemetry.sendPath(this.fanout ? 'native' : 'streams', config.GATEWAY_NATIVE_SEND);
  }

  /** False: this session must be written to by itself. At most `CHUNK` until the next `send`. */
  take(session: Recipient): boolean {
    if (this.fanout === undefined) return false;
    const descriptor = session.descriptor;
    if (descriptor < 0) return false;
    this.descriptors[this.taken.length] = descriptor;
    this.taken.push(session);
    return true;
  }

  /** A frame of one session. */
  write(session: Recipient, frame: Buffer): void {
    if (this.take(session)) this.send(frame);
    else session.deliver(frame);
  }

  send(frame: Buffer): void {
    const { taken, results } = this;
    if (taken.length === 0) return;
    this.fanout!(this.descriptors, frame, results, taken.length);
    this.taken = [];
    // First of all: until its rest is queued, anything else written to that socket would be in the middle of a frame.
    for (let at = 0; at < taken.length; at++) if (results[at] !== frame.length) taken[at]!.rest(frame, results[at]!);
    // May close sessions and send pings, which come here again: nothing of this call is needed any more.
    for (let at = 0; at < taken.length; at++) taken[at]!.delivered(frame.length);
  }
}
