import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { addressOf, type DoorsConfig, doorsConfig, Entrance, isOriginAllowed } from '@veche/edge-realtime';
import { WebSocketServer } from 'ws';
import { DoorServer } from './door-server.ts';
import { listen, PeerSocket } from './peer-socket.ts';
import { refuse } from './refusal.ts';
import { selectProtocol } from './subprotocol.rules.ts';
import { type WebSocketConfig, websocketConfig } from './websocket.config.ts';
import { WebSocketTelemetry } from './websocket.telemetry.ts';

const MAX_PAYLOAD = 65_536;

/** Takes the upgrades of the shared HTTP server: looks at address, origin and path before `ws` answers anything. */
@Injectable()
export class Upgrades {
  private readonly servers = new Map<string, DoorServer>();
  private readonly sockets = new WebSocketServer({
    noServer: true,
    WebSocket: PeerSocket,
    perMessageDeflate: false,
    clientTracking: false,
    autoPong: false,
    maxPayload: MAX_PAYLOAD,
    // A bound of bytes alone lets 60 000 fragments of one byte pass.
    maxFragments: 64,
    maxBufferedChunks: 1024,
    handleProtocols: selectProtocol,
  } as ConstructorParameters<typeof WebSocketServer<typeof PeerSocket>>[0]);
  private inProgress = 0;

  constructor(
    private readonly entrance: Entrance,
    private readonly telemetry: WebSocketTelemetry,
    @Inject(doorsConfig.token) private readonly doors: DoorsConfig,
    @Inject(websocketConfig.token) private readonly config: WebSocketConfig,
  ) {}

  add(path: string): DoorServer {
    const server = new DoorServer(path);
    this.servers.set(path, server);
    return server;
  }

  attach(http: Server): void {
    http.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
  }

  /** Never rejects. */
  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Without a listener a reset in the middle of a handshake would end the process.
    socket.on('error', onHandshakeError);
    const timer = setTimeout(() => socket.destroy(), this.config.WEBSOCKET_HANDSHAKE_MS);
    this.inProgress++;
    try {
      const url = new URL(request.url ?? '/', 'http://door');
      const open = await this.admit(request, url);
      if (!socket.destroyed) this.accept(request, socket, head, open, url.searchParams.get('hello') === '1');
    } catch (error) {
      refuse(socket, this.telemetry.refused(error));
    } finally {
      clearTimeout(timer);
      this.inProgress--;
    }
  }

  private async admit(request: IncomingMessage, url: URL): Promise<(socket: PeerSocket) => void> {
    const door = this.servers.get(url.pathname)?.door;
    if (!door) throw new VecheError('not_found', 'no WebSocket is served here');
    if (this.inProgress > this.config.WEBSOCKET_MAX_HANDSHAKES) throw new VecheError('unavailable', 'not now: connect again after a pause', [], 1_000);
    if (!isOriginAllowed(request.headers.origin, request.headers.host, this.doors.HTTP_ALLOWED_ORIGINS))
      throw new VecheError('permission_denied', 'pages of this origin may not connect');
    await this.entrance.admit(addressOf(request, this.doors.HTTP_TRUSTED_PROXIES));
    return door.admit(request, url.searchParams);
  }

  private accept(request: IncomingMessage, socket: Duplex, head: Buffer, open: (socket: PeerSocket) => void, hello: boolean): void {
    socket.removeListener('error', onHandshakeError);
    this.sockets.handleUpgrade(request, socket, head, (ws) => {
      listen(ws);
      if (hello) ws.send('{}');
      open(ws);
    });
  }
}

function onHandshakeError(this: Duplex): void {
  this.destroy();
}
