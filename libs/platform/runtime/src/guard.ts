/** The last resorts of a process: signals, errors that nobody caught, a stop that takes too long. */
import type { Logger } from '@veche/platform-telemetry';

/**
 * The only place that ends the process by force. An error that nobody caught leaves the process in a state that nobody
 * knows: it ends at once, and what was in flight is answered by whoever redelivers it.
 */
export function guardProcess(log: () => Logger): () => void {
  const die = (what: string) => (error: unknown) => {
    log().fatal({ err: error }, what);
    process.exit(1);
  };
  const uncaught = die('an error that nobody caught; the process ends');
  const unhandled = die('a rejection that nobody handled; the process ends');
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', unhandled);
  return () => {
    process.off('uncaughtException', uncaught);
    process.off('unhandledRejection', unhandled);
  };
}

/** Runs `stop` at the first SIGTERM or SIGINT; a second one, or `limitMs`, ends the process by force. Returns what takes the listeners away. */
export function onSignal(stop: (signal: string) => Promise<void>, limitMs: number, log: Logger): () => void {
  let stopping = false;
  const act = (signal: NodeJS.Signals): void => {
    if (stopping) {
      log.warn({ signal }, 'asked to stop twice; ending by force');
      process.exit(1);
    }
    stopping = true;
    const force = setTimeout(() => {
      log.error({ limit_ms: limitMs, left: process.getActiveResourcesInfo() }, 'the stop took too long; ending by force');
      process.exit(1);
    }, limitMs);
    // The timer must not be what keeps the process alive: it ends by itself when nothing is left to do.
    force.unref();
    void stop(signal);
  };
  process.on('SIGTERM', act);
  process.on('SIGINT', act);
  return () => {
    process.off('SIGTERM', act);
    process.off('SIGINT', act);
  };
}
