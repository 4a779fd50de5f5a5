/** A WebSocket by hand: sends frames that no library would, and sees the close code that came back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const TEXT = 0x1;
export const CONTINUATION = 0x0;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** A masked client frame; the zero mask is legal and keeps the bytes readable. */
export function frame(opcode: number, payload: Buffer, fin = true): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 8) head.writeUInt16BE(length, 2);
  if (head.length === 14) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

export interface Closed {
  /** 1006: the socket ended without a close frame. */
  readonly code: number;
  readonly reason: string;
}

export class RawSocket {
  private buffer = Buffer.alloc(0);
  private readonly documents: string[] = [];
  private readonly waiting: ((document: string) => void)[] = [];
  private readonly end = Promise.withResolvers<Closed>();

  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes) => this.take(bytes));
    socket.on('error', () => undefined); // a reset is an end like any other
    socket.on('close', () => this.end.resolve({ code: 1006, reason: '' }));
  }

  /** Resolves once the upgrade was answered with 101; rejects with the status line otherwise. */
  static async open(origin: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<RawSocket> {
    const { hostname, port, host } = new URL(origin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const lines = Object.entries({
      Host: host,
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    });
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    const answer = await answerOf(socket);
    if (!answer.startsWith('HTTP/1.1 101')) throw new Error(answer.split('\r\n')[0]);
    return new RawSocket(socket);
  }

  /** The close frame, or the end of the socket. */
  get closed(): Promise<Closed> {
    return this.end.promise;
  }

  write(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  send(document: unknown): void {
    this.text(JSON.stringify(document));
  }

  text(text: string): void {
    this.write(frame(TEXT, Buffer.from(text)));
  }

  /** The next document that is no ping. */
  next(): Promise<string> {
    const ready = this.documents.shift();
    return ready === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(ready);
  }

  async ask<T>(document: unknown): Promise<T> {
    this.send(document);
    return JSON.parse(await this.next()) as T;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, bytes]);
    for (let length = this.frame(); length > 0; length = this.frame()) this.buffer = this.buffer.subarray(length);
  }

  /** Reads one whole frame; 0 while it is incomplete. */
  private frame(): number {
    const { buffer } = this;
    if (buffer.length < 2) return 0;
    const short = (buffer[1] ?? 0) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (buffer.length < head) return 0;
    const length = short < 126 ? short : short === 126 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
    if (buffer.length < head + length) return 0;
    this.took((buffer[0] ?? 0) & 0xf, buffer.subarray(head, head + length));
    return head + length;
  }

  private took(opcode: number, payload: Buffer): void {
    if (opcode === CLOSE) this.end.resolve({ code: payload.length >= 2 ? payload.readUInt16BE(0) : 1005, reason: payload.toString('utf8', 2) });
    // Plain doors ping by frame: who does not answer is taken for gone.
    if (opcode === PING) this.write(frame(PONG, payload));
    if (opcode === TEXT) for (const document of payload.toString().split('\n')) this.arrived(document);
  }

  private arrived(document: string): void {
    if (document === '{}') return this.text('{}'); // an unanswered ping would count as a client that does not read
    const taker = this.waiting.shift();
    if (taker) taker(document);
    else this.documents.push(document);
  }
}

async function answerOf(socket: Socket): Promise<string> {
  let text = '';
  while (!text.includes('\r\n\r\n')) {
    const [chunk] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['HTTP/1.1 000 closed\r\n\r\n'])])) as [Buffer | string];
    text += String(chunk);
  }
  return text;
}
