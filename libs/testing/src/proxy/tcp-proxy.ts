/** A TCP proxy between any two parts that does what networks do: cuts, silence, half-open connections, slowness. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Direction, ProxyLink, type Weather } from './proxy-link.ts';
import { type Random, seededRandom } from '../random.ts';

export interface TcpProxyOptions {
  /** On 127.0.0.1. */
  readonly target: number;
  /** Default: a free one. */
  readonly port?: number;
  /** Of random cuts. Default 1. */
  readonly seed?: number;
}

export type { Direction } from './proxy-link.ts';

export interface TcpProxy {
  readonly port: number;
  /** Open connections through it. */
  readonly connections: number;
  /** Carried since the start: up is towards the target. */
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Resets every connection now; new ones are served. */
  cut(): void;
  /** Resets each connection, now open or opened until `heal`, in the moment when that many bytes more have passed in that direction: often in the middle of a frame. */
  cutAfter(bytes: number, direction?: Direction): void;
  /** Resets each connection after a random number of bytes from 1 to twice the mean, again and again until `heal`. */
  cutAtRandom(meanBytes: number): void;
  /** Nothing passes and nothing ends: connections stay open, new ones are accepted. What was sent meanwhile arrives after `heal`. */
  mute(direction?: Direction): void;
  /** As a cable that is pulled: both ends keep their connection and hear nothing more of each other, also after `heal`. New connections are served. */
  halfOpen(): void;
  /** Each piece takes so long, plus up to `jitterMs`; the order stays. */
  delay(ms: number, jitterMs?: number): void;
  /** So many bytes a second in each direction of each connection. */
  throttle(bytesPerSecond: number): void;
  /** New connections are reset at once; open ones stay. */
  refuse(): void;
  /** Ends every fault but half-open connections. */
  heal(): void;
  /** Points new connections elsewhere: a promoted replica behind the old address. */
  retarget(port: number): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const proxy = new Proxy(options);
  await proxy.listen(options.port ?? 0);
  return proxy;
}

const fair = (): Weather => ({ muted: new Set(), delayMs: 0, jitterMs: 0, bytesPerSecond: Infinity });

class Proxy implements TcpProxy {
  readonly bytes = { up: 0, down: 0 };
  readonly #random: Random;
  readonly #server: Server;
  readonly #links = new Set<ProxyLink>();
  #target: number;
  #weather = fair();
  #refusing = false;
  /** Gives each new connection its fate. */
  #doom: (link: ProxyLink) => void = () => undefined;

  constructor({ target, seed = 1 }: TcpProxyOptions) {
    this.#target = target;
    this.#random = seededRandom(seed);
    // Half-open must stay what it is until both ends have said that they end.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#links.size;
  }

  cut(): void {
    for (const link of this.#links) link.reset();
  }

  cutAfter(bytes: number, direction: Direction = 'up'): void {
    this.#doomAll((link) => link.resetAfter(direction, bytes));
  }

  cutAtRandom(meanBytes: number): void {
    this.#doomAll((link) => link.resetAfter(this.#random.chance(0.5) ? 'up' : 'down', this.#random.between(1, meanBytes * 2)));
  }

  mute(direction?: Direction): void {
    this.#change({ muted: new Set(direction ? [direction] : ['up', 'down']) });
  }

  halfOpen(): void {
    for (const link of this.#links) link.sever();
  }

  delay(ms: number, jitterMs = 0): void {
    this.#change({ delayMs: ms, jitterMs });
  }

  throttle(bytesPerSecond: number): void {
    this.#change({ bytesPerSecond });
  }

  refuse(): void {
    this.#refusing = true;
  }

  heal(): void {
    this.#refusing = false;
    this.#doomAll((link) => link.resetAfter('up', Infinity));
    this.#doom = () => undefined;
    this.#change(fair());
  }

  retarget(port: number): void {
    this.#target = port;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#refusing) return void socket.resetAndDestroy();
    const link: ProxyLink = new ProxyLink(socket, this.#target, {
      weather: () => this.#weather,
      random: this.#random,
      carried: (direction, bytes) => (this.bytes[direction] += bytes),
      ended: () => this.#links.delete(link),
    });
    this.#links.add(link);
    this.#doom(link);
  }

  #doomAll(doom: (link: ProxyLink) => void): void {
    this.#doom = doom;
    for (const link of this.#links) doom(link);
  }

  #change(change: Partial<Weather>): void {
    this.#weather = { ...this.#weather, ...change };
    for (const link of this.#links) link.weatherChanged();
  }
}
