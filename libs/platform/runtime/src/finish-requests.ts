import type { Server } from 'node:http';
import { setTimeout as passed } from 'node:timers/promises';

/** A request waits no longer for what it asked. */
const PATIENCE_MS = 6_000;
/** Node closes connections that are idle when it is told to, not those that become so. */
const LOOK_MS = 50;

/** Takes no more connections and closes idle ones; what is under way is answered. Cuts what is left then: streams that did not go when they were told. */
export async function finishRequests(server: Server): Promise<void> {
  if (!server.listening) return;
  const answered = new Promise<void>((resolve) => server.close(() => resolve()));
  const look = setInterval(() => server.closeIdleConnections(), LOOK_MS);
  await Promise.race([answered, passed(PATIENCE_MS, undefined, { ref: false })]);
  clearInterval(look);
  server.closeAllConnections();
}
