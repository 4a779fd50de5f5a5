import type { WebSocketAdapter } from '@nestjs/common';
import type { DoorServer } from './door-server.ts';
import type { Upgrades } from './upgrades.ts';

/**
 * Nest's side of the sockets: it finds the gateways, gives each its server and closes them. Sessions never pass through it: its
 * pipeline of observables costs 25 KB a connection and 0.65 µs a message.
 */
export class SocketAdapter implements WebSocketAdapter<DoorServer, never, { readonly path?: string }> {
  constructor(private readonly upgrades: Upgrades) {}

  create(_port: number, options?: { readonly path?: string }): DoorServer {
    return this.upgrades.add(options?.path ?? '/');
  }

  bindClientConnect(): void {}

  bindMessageHandlers(): void {}

  close(server: DoorServer): void {
    server.close();
  }

  /** Asked for at the end although the interface has it as optional; the upgrade listener goes with the HTTP server. */
  async dispose(): Promise<void> {}
}
