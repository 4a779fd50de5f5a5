import type { IncomingMessage } from 'node:http';
import { Inject } from '@nestjs/common';
import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { Credentials, type DoorsConfig, doorsConfig, Doors, peerOf } from '@veche/edge-realtime';
import type { DoorServer, SocketDoor } from './door-server.ts';
import type { PeerSocket } from './peer-socket.ts';
import { SocketTransport } from './socket.transport.ts';

export const PLAIN_PATH = '/realtime/ws';

/** Plain JSON, for clients without any SDK. */
@WebSocketGateway({ path: PLAIN_PATH })
export class PlainGateway implements OnGatewayInit<DoorServer>, SocketDoor {
  constructor(
    private readonly doors: Doors,
    private readonly credentials: Credentials,
    @Inject(doorsConfig.token) private readonly config: DoorsConfig,
  ) {}

  afterInit(server: DoorServer): void {
    server.door = this;
  }

  /** The credential of the handshake, if there is one; otherwise the first message brings it. */
  async admit(request: IncomingMessage, query: URLSearchParams): Promise<(socket: PeerSocket) => void> {
    const { token: _header, ...peer } = peerOf(request, this.config);
    const token = await this.credentials.tokenOf(request, query);
    return (socket) => {
      socket.transport = new SocketTransport(socket, 'plain_websocket');
      socket.connection = this.doors.openPlain(socket.transport, { ...peer, ...(token !== undefined && { token }) });
    };
  }
}
