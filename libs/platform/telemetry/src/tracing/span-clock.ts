/** Time of spans, in milliseconds since 1970 with their fractions. */

/** Milliseconds by which the monotonic clock may be off from the wall before it is set again. */
const TOLERATED = 20;

let base = performance.timeOrigin;

/**
 * Finer than the wall clock's milliseconds, and in one order for all spans of a process: left to itself the SDK starts every span at a whole
 * millisecond, and most steps of a message take less.
 */
export function spanTime(): number {
  const time = base + performance.now();
  const wall = Date.now();
  // The wall clock is corrected while a process runs for weeks.
  if (Math.abs(wall - time) <= TOLERATED) return time;
  base += wall - time;
  return wall;
}
