// allowed: import over the fence: one suite for all doors, which no product code may import
import { type Document, type DoorClient, doorConformance } from '../../realtime/tests/door.conformance.ts';
import { RawSocket } from './raw-socket.ts';
import { type Server, startServer } from './server.ts';

class SocketClient implements DoorClient {
  constructor(private readonly raw: RawSocket) {
    raw.socket.on('message', (data: Buffer) => data.length === 2 && raw.socket.send('{}'));
  }

  get documents(): readonly Document[] {
    return this.raw.documents;
  }

  get ended(): number | undefined {
    return this.raw.closed?.code;
  }

  async say(text: string): Promise<number> {
    this.raw.socket.send(text);
    return 0;
  }

  cut(): void {
    this.raw.socket.terminate();
  }

  stall(): void {
    this.raw.socket.pause();
  }
}

doorConformance('WebSocket', {
  start: startServer,
  open: async (server, connect) => {
    const raw = await RawSocket.open(`${(server as Server).url}/connection/websocket`);
    raw.say(connect);
    return new SocketClient(raw);
  },
});
