import type { Session } from './session.ts';

/**
 * Runs what concerns one channel in the order it was asked for: at once when nothing is under way, behind it otherwise.
 * A lane exists only while something in it takes time.
 */
export function inLane(session: Session, channel: string, task: () => void | Promise<void>): void {
  const before = session.lanes?.get(channel);
  const running = before ? before.then(task) : task();
  if (!running) return;
  const lane = running.finally(() => {
    if (session.lanes?.get(channel) !== lane) return;
    session.lanes.delete(channel);
    if (session.lanes.size === 0) session.lanes = null;
  });
  (session.lanes ??= new Map()).set(channel, lane);
}
