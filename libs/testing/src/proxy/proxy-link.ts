/** One connection through the proxy: two directions, each a queue of pieces that pass when the weather lets them. */
import { connect, type Socket } from 'node:net';
import type { Random } from '../random.ts';

/** Up is towards the target. */
export type Direction = 'up' | 'down';

export interface Weather {
  readonly muted: ReadonlySet<Direction>;
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond: number;
}

export interface LinkSurroundings {
  readonly weather: () => Weather;
  readonly random: Random;
  readonly carried: (direction: Direction, bytes: number) => void;
  readonly ended: () => void;
}

/** Read ahead of a muted or slow direction; beyond it the sender feels the back-pressure. */
const AHEAD_BYTES = 65_536;

export class ProxyLink {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #around: LinkSurroundings;
  readonly #flows: Readonly<Record<Direction, Flow>>;
  #over = false;

  constructor(client: Socket, port: number, around: LinkSurroundings) {
    this.#client = client;
    this.#around = around;
    this.#target = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const over = (): void => this.reset();
    this.#flows = { up: new Flow('up', client, this.#target, around, over), down: new Flow('down', this.#target, client, around, over) };
    for (const socket of [client, this.#target]) {
      // A reset of one end is the other's too.
      socket.on('error', over);
      socket.on('close', () => this.#closed());
    }
  }

  reset(): void {
    if (this.#over) return;
    this.#end();
    for (const socket of [this.#client, this.#target]) socket.resetAndDestroy();
  }

  resetAfter(direction: Direction, bytes: number): void {
    for (const [name, flow] of Object.entries(this.#flows)) flow.cutAfter(name === direction ? bytes : Infinity);
  }

  /** Both ends live on, each alone; what they say is swallowed. */
  sever(): void {
    for (const flow of Object.values(this.#flows)) flow.sever();
  }

  weatherChanged(): void {
    for (const flow of Object.values(this.#flows)) flow.pump();
  }

  #closed(): void {
    if (this.#client.destroyed && this.#target.destroyed) this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const flow of Object.values(this.#flows)) flow.stop();
    this.#around.ended();
  }
}

class Flow {
  readonly #direction: Direction;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #around: LinkSurroundings;
  readonly #cut: () => void;
  readonly #queue: { readonly bytes: Buffer; readonly due: number }[] = [];
  #waiting = 0;
  #left = Infinity;
  #severed = false;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(direction: Direction, from: Socket, to: Socket, around: LinkSurroundings, cut: () => void) {
    this.#direction = direction;
    this.#from = from;
    this.#to = to;
    this.#around = around;
    this.#cut = cut;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => {
      this.#ended = true;
      this.pump();
    });
  }

  cutAfter(bytes: number): void {
    this.#left = bytes;
  }

  sever(): void {
    this.#severed = true;
    this.#queue.length = 0;
    this.#from.resume();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Passes on what is due; comes back when the next is. */
  pump(): void {
    clearTimeout(this.#timer);
    const { muted } = this.#around.weather();
    if (this.#severed || muted.has(this.#direction)) return;
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const wait = next.due - performance.now();
      if (wait > 0) return void (this.#timer = setTimeout(() => this.pump(), wait));
      this.#queue.shift();
      this.#waiting -= next.bytes.length;
      if (!this.#pass(next.bytes)) return;
    }
    if (this.#waiting < AHEAD_BYTES) this.#from.resume();
    if (this.#ended && this.#to.writable) this.#to.end();
  }

  #take(bytes: Buffer): void {
    if (this.#severed) return;
    const { delayMs, jitterMs, bytesPerSecond } = this.#around.weather();
    const last = this.#queue.at(-1)?.due ?? performance.now();
    // Never before the piece in front of it: a TCP connection does not reorder.
    const due = Math.max(last, performance.now() + delayMs + jitterMs * this.#around.random.next()) + (bytes.length * 1000) / bytesPerSecond;
    this.#queue.push({ bytes, due });
    this.#waiting += bytes.length;
    if (this.#waiting >= AHEAD_BYTES) this.#from.pause();
    this.pump();
  }

  /** False when the connection was cut here. */
  #pass(bytes: Buffer): boolean {
    const fits = bytes.length < this.#left;
    const part = fits ? bytes : bytes.subarray(0, this.#left);
    this.#left -= part.length;
    this.#around.carried(this.#direction, part.length);
    if (part.length > 0 && this.#to.writable) this.#to.write(part);
    if (!fits) setImmediate(this.#cut);
    return fits;
  }
}
