import { VecheError } from '@veche/contracts';
import type { Session } from './session.ts';

/**
 * Runs what concerns one channel in the order it was asked for: at once when nothing is under way, behind it otherwise.
 * A lane exists only while something in it takes time.
 */
export function inLane(session: Session, channel: string, task: () => void | Promise<void>): Promise<void> | undefined {
  const before = session.lanes?.get(channel);
  const running = before ? before.then(task) : task();
  if (!running) return undefined;
  const lane = running.finally(() => {
    if (session.lanes?.get(channel) !== lane) return;
    session.lanes.delete(channel);
    if (session.lanes.size === 0) session.lanes = null;
  });
  (session.lanes ??= new Map()).set(channel, lane);
  return lane;
}

/** Requests of one session that may be unanswered, those that wait in a lane among them: each holds memory. */
const MAX_UNANSWERED = 1_024;

/** @throws VecheError too_many_requests */
export function requirePlace(session: Session): void {
  if (session.inFlight >= MAX_UNANSWERED)
    throw new VecheError('too_many_requests', `more than ${MAX_UNANSWERED} requests are unanswered: wait for replies`, [], 1_000);
}

/** Counts a request until it is answered; it must not reject. */
export function countUntilAnswered(session: Session, running: void | Promise<void>): void {
  if (!running) return;
  session.inFlight++;
  void running.finally(() => session.inFlight--);
}
