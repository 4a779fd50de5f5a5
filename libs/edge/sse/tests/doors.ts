/** The stream doors on a real socket, over a core that records what it is told. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { VecheError } from '@veche/contracts';
import { Credentials, type Connection, Doors, MemoryLimiter, type Peer, type PollPage, type StreamRequest, type Transport } from '@veche/edge-realtime';
import { Logger } from '@veche/platform-telemetry';
import { fastify, type FastifyInstance } from 'fastify';
import { DoorRequests } from '../src/door-requests.ts';
import { EmulatedDoor } from '../src/emulated.door.ts';
import { EventsDoor } from '../src/events.door.ts';
import { PollLimit } from '../src/poll-limit.ts';
import { SseTelemetry } from '../src/sse.telemetry.ts';
import { StreamOpener } from '../src/stream/stream-opener.ts';
import { StreamsGateway } from '../src/streams.gateway.ts';

/** One session as the core sees it. */
export interface Opened {
  readonly transport: Transport;
  readonly peer: Peer;
  readonly token?: string | undefined;
  readonly requests?: readonly StreamRequest[];
  readonly frames: string[];
  goneTimes: number;
}

export class FakeDoors extends Doors {
  readonly opened: Opened[] = [];
  readonly uplinks: { session: string; data: string; peer: Peer }[] = [];
  readonly polled: (readonly StreamRequest[])[] = [];
  page: PollPage = { cursor: 'e:0', channels: [] };
  /** Thrown by the next open or poll. */
  refusal: Error | undefined;
  /** Holds `openStream` until it settles. */
  gate: Promise<void> = Promise.resolve();
  private waiting: (() => void)[] = [];

  override openV2(transport: Transport, peer: Peer): Connection {
    return this.session({ transport, peer });
  }

  override openPlain(): Connection {
    throw new Error('not a stream');
  }

  override async openStream(transport: Transport, peer: Peer, token: string | undefined, requests: readonly StreamRequest[]): Promise<Connection> {
    await this.gate;
    return this.session({ transport, peer, token, requests });
  }

  override async poll(_peer: Peer, _token: string | undefined, requests: readonly StreamRequest[]): Promise<PollPage> {
    if (this.refusal) throw this.refusal;
    this.polled.push(requests);
    return this.page;
  }

  override async emulate(session: string, peer: Peer, data: string): Promise<'delivered' | 'unknown'> {
    if (session !== 'known') return 'unknown';
    this.uplinks.push({ session, peer, data });
    return 'delivered';
  }

  /** The nth session, as soon as it is there. */
  async nth(index: number): Promise<Opened> {
    while (!this.opened[index]) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.opened[index];
  }

  /** Resolves when something has happened to a session. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private session(fields: Omit<Opened, 'frames' | 'goneTimes'>): Connection {
    if (this.refusal) throw this.refusal;
    const opened: Opened = { ...fields, frames: [], goneTimes: 0 };
    this.opened.push(opened);
    this.wake();
    return {
      frame: (message) => {
        opened.frames.push(message.toString());
        this.wake();
      },
      gone: () => {
        opened.goneTimes++;
        this.wake();
      },
    };
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

export interface Served {
  readonly url: string;
  readonly port: number;
  readonly doors: FakeDoors;
  readonly server: FastifyInstance;
  waitMs: number;
  stop(): Promise<void>;
}

export async function serve({ release = true, origins = [] as readonly string[], pollsPerMinute = 1_000 } = {}): Promise<Served> {
  const doors = new FakeDoors();
  const config = {
    HTTP_REQUESTS_PER_MINUTE: pollsPerMinute,
    HTTP_ALLOWED_ORIGINS: origins,
    HTTP_TRUSTED_PROXIES: 0,
    DOORS_QUERY_TOKEN: true,
    DOORS_TOKEN_COOKIE: 'veche',
  };
  const entrance = {
    admit: async (): Promise<void> => {
      if (served.waitMs > 0) throw new VecheError('too_many_requests', 'wait', [], served.waitMs);
    },
  };
  const telemetry = new SseTelemetry(Logger.silent());
  const opener = new StreamOpener({ STREAMS_RELEASE_PARSER: release }, telemetry);
  await opener.onModuleInit();
  const requests = new DoorRequests(new Credentials({ ask: async () => ({ token: 'of a ticket' }) }, config), entrance, config);
  const server = fastify();
  const gateway = new StreamsGateway(
    {} as never,
    new EmulatedDoor(doors, requests, opener),
    new EventsDoor(doors, requests, opener, new PollLimit(config, new MemoryLimiter())),
    requests,
    telemetry,
  );
  await gateway.mount(server);
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as AddressInfo;
  const served: Served = {
    url: `http://127.0.0.1:${port}`,
    port,
    doors,
    server,
    waitMs: 0,
    stop: async () => {
      for (const { transport } of doors.opened) transport.close({ code: 3001, reason: 'shutdown', meaning: '' });
      await server.close();
    },
  };
  return served;
}

/** The error of an answer in our form. */
export const errorOf = async (answer: Response): Promise<{ readonly name: string }> => ((await answer.json()) as { error: { name: string } }).error;

/** A client that is nothing but a socket. */
export class RawClient {
  text = '';
  private waiting: (() => void)[] = [];

  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes) => {
      this.text += bytes.toString();
      for (const resolve of this.waiting.splice(0)) resolve();
    });
    socket.on('error', () => {});
  }

  static async to(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(text: string): void {
    this.socket.write(text);
  }

  get(path: string, headers: Record<string, string> = {}): void {
    this.send(
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    );
  }

  post(path: string, body: string): void {
    this.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  async until(part: string): Promise<string> {
    while (!this.text.includes(part)) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.text;
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close');
  }
}
