import type { IncomingMessage } from 'node:http';
import { Inject } from '@nestjs/common';
import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { type DoorsConfig, doorsConfig, Doors, peerOf } from '@veche/edge-realtime';
import type { DoorServer, SocketDoor } from './door-server.ts';
import type { PeerSocket } from './peer-socket.ts';
import { SocketTransport } from './socket.transport.ts';
import { requireJsonV2 } from './subprotocol.rules.ts';

export const CENTRIFUGO_PATH = '/connection/websocket';

/** The Centrifugo client protocol v2, JSON. */
@WebSocketGateway({ path: CENTRIFUGO_PATH })
export class CentrifugoGateway implements OnGatewayInit<DoorServer>, SocketDoor {
  constructor(
    private readonly doors: Doors,
    @Inject(doorsConfig.token) private readonly config: DoorsConfig,
  ) {}

  afterInit(server: DoorServer): void {
    server.door = this;
  }

  admit(request: IncomingMessage, query: URLSearchParams): (socket: PeerSocket) => void {
    requireJsonV2(request.headers['sec-websocket-protocol'], query);
    const peer = { ...peerOf(request, this.config), ...(query.get('cf_ws_frame_ping_pong') === 'true' && { nativePings: true }) };
    return (socket) => {
      socket.transport = new SocketTransport(socket, 'websocket');
      socket.connection = this.doors.openV2(socket.transport, peer);
    };
  }
}
