/** Decides when a slow session has had enough: pure, so that every bound can be tried without a socket. */
import type { GatewayConfig } from '../gateway.config.ts';

export type OutboxLimits = Pick<GatewayConfig, 'GATEWAY_WS_MAX_OUTBOX' | 'GATEWAY_MAX_OUTBOX_BYTES' | 'GATEWAY_DRAIN_TIMEOUT_MS'>;

/** From here on signals are left out. */
export const SOFT_BYTES = 65_536;
/** The kernel takes about 8 MB before anything waits here, so unanswered bytes are bounded too; a healthy peer far away gets this long to answer. */
export const ANSWER_MS = 1_000;

export interface OutboxState {
  /** Waiting in this process, not yet taken by the kernel. */
  readonly frames: number;
  readonly bytes: number;
  /** Since something has been waiting. */
  readonly waitingMs: number;
  /** Sent since the last answered ping; 0 for a client that answers none. */
  readonly unanswered: number;
  /** Since the ping that asks for the answer was sent, 0 in its own millisecond; -1: none is out. */
  readonly askedMs: number;
}

/** `pressed`: signals are left out. `ping`: ask for a sign that all was read. `slow`: close with 3008. */
export type Pressure = 'calm' | 'pressed' | 'ping' | 'slow';

export function pressureOf(state: OutboxState, limits: OutboxLimits): Pressure {
  if (state.frames > limits.GATEWAY_WS_MAX_OUTBOX || state.bytes > limits.GATEWAY_MAX_OUTBOX_BYTES) return 'slow';
  if (state.bytes > 0 && state.waitingMs >= limits.GATEWAY_DRAIN_TIMEOUT_MS) return 'slow';
  if (state.unanswered > limits.GATEWAY_MAX_OUTBOX_BYTES && state.askedMs >= ANSWER_MS) return 'slow';
  if (state.unanswered > limits.GATEWAY_MAX_OUTBOX_BYTES / 2 && state.askedMs < 0) return 'ping';
  // Not from the half on: a healthy peer far away has its answer on the way, and would lose signals at every ping.
  const silent = state.unanswered > limits.GATEWAY_MAX_OUTBOX_BYTES - SOFT_BYTES;
  return silent || state.bytes > SOFT_BYTES ? 'pressed' : 'calm';
}
