/** A client that compares every byte it gets with what must come. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tokenOf } from '../../realtime/tests/world/tokens.ts';

/** Of every event of a channel the text is known beforehand, so a byte of another channel's, or of another event's, is found. */
export function textOf(channel: string, seq: number): string {
  const hash = createHash('sha256').update(`${channel} ${seq}`).digest('hex');
  const kilobytes = channel.endsWith('heavy') ? 30 + (seq % 30) : (seq % 5) / 4;
  return `${channel} ${seq} ${hash.repeat(Math.ceil(kilobytes * 16))}`;
}

const REQUEST =
  'GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** Masked with a zero key, which is legal. */
function masked(opcode: number, payload: string): Buffer {
  const body = Buffer.from(payload);
  const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), body]);
}

export class Reader {
  /** Seq that it began after, and that of the last event it has. */
  first = -1;
  last = -1;
  /** The first thing that was wrong. */
  broken: string | undefined;
  private rest = Buffer.alloc(0);
  private upgraded = false;
  private subscribed: () => void = () => {};

  private constructor(
    readonly socket: Socket,
    readonly channel: string,
  ) {
    socket.on('data', (bytes) => this.read(Buffer.concat([this.rest, bytes]))).on('error', () => {});
  }

  static async open(port: number, channel: string): Promise<Reader> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const reader = new Reader(socket, channel);
    const subscribed = new Promise<void>((resolve) => (reader.subscribed = resolve));
    socket.write(REQUEST);
    await Promise.race([subscribed, once(socket, 'close')]);
    if (reader.broken || reader.first < 0) throw new Error(`not subscribed: ${reader.broken ?? 'the socket was closed'}`);
    return reader;
  }

  close(): void {
    this.socket.end(masked(8, ''));
  }

  check(): void {
    if (this.broken) throw new Error(`${this.channel}: ${this.broken}`);
  }

  private read(bytes: Buffer): void {
    let at = 0;
    if (!this.upgraded) {
      // What was meant for whoever had the descriptor before would come first.
      if (!bytes.toString('latin1', 0, 12).startsWith('HTTP/1.1 101'.slice(0, bytes.length))) this.broken ??= 'something before the handshake';
      const end = bytes.indexOf('\r\n\r\n');
      if (end >= 0) this.upgrade();
      at = end < 0 ? 0 : end + 4;
    }
    while (this.upgraded && !this.broken) {
      const used = this.frame(bytes.subarray(at));
      if (used === 0) break;
      at += used;
    }
    this.rest = Buffer.from(bytes.subarray(at));
  }

  private upgrade(): void {
    this.upgraded = true;
    this.socket.write(masked(1, JSON.stringify({ id: 1, connect: { token: tokenOf('reader') } })));
    this.socket.write(masked(1, JSON.stringify({ id: 2, subscribe: { channel: this.channel } })));
  }

  /** Bytes of the first frame; 0: it is not whole. */
  private frame(bytes: Buffer): number {
    if (bytes.length < 2) return 0;
    const short = bytes[1]!;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < head) return 0;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (bytes[0] !== 0x81 && bytes[0] !== 0x88) this.broken = `no frame begins with ${bytes[0]}, after ${this.last}`;
    if (bytes.length < head + length) return 0;
    if (bytes[0] === 0x81) for (const document of bytes.toString('utf8', head, head + length).split('\n')) this.document(document);
    return head + length;
  }

  private document(text: string): void {
    if (text === '{}') return void this.socket.write(masked(1, '{}'));
    const { id, error, subscribe, push } = JSON.parse(text) as {
      id?: number;
      error?: unknown;
      subscribe?: { offset?: number };
      push?: { channel: string; pub?: { data: string; offset: number }; join?: unknown; leave?: unknown };
    };
    if (error) {
      this.broken ??= text;
      this.subscribed();
    }
    if (id === 2) {
      this.first = this.last = subscribe?.offset ?? 0;
      this.subscribed();
    }
    if (push?.pub) this.event(push.channel, push.pub.offset, push.pub.data);
  }

  private event(channel: string, seq: number, data: string): void {
    if (channel !== this.channel) this.broken ??= `an event of ${channel}`;
    else if (seq !== this.last + 1) this.broken ??= `event ${seq} after ${this.last}`;
    else if (data !== textOf(channel, seq)) this.broken ??= `event ${seq} is not what was sent`;
    this.last = seq;
  }
}
