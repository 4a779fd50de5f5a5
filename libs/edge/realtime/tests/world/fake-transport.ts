import type { CloseRow } from '@veche/contracts';
import type { Connection, Framing, Transport } from '../../src/door.ts';

/** A peer in memory: remembers what it was sent, and can stop reading. */
export class FakeTransport implements Transport {
  readonly chunks: Buffer[] = [];
  closed: CloseRow | undefined;
  reading = true;
  /** Answers `{}` pings as a client would. */
  answers: Connection | undefined;
  readonly descriptor = -1;
  waitingFrames = 0;
  waitingBytes = 0;

  constructor(
    readonly framing: Framing = 'websocket',
    readonly door: Transport['door'] = 'websocket',
  ) {}

  write(bytes: Buffer): void {
    this.chunks.push(bytes);
    if (!this.reading) {
      this.waitingFrames++;
      this.waitingBytes += bytes.length;
    } else if (this.answers && this.framing === 'websocket' && bytes.equals(PING)) setImmediate(() => this.answers?.frame(Buffer.from('{}')));
  }

  rest(): void {
    throw new Error('it has no descriptor');
  }

  close(reason: CloseRow): void {
    this.closed = reason;
  }

  drain(): void {
    this.reading = true;
    this.waitingBytes = 0;
    this.waitingFrames = 0;
  }

  /** Documents received so far, pings left out. */
  get documents(): Record<string, unknown>[] {
    return this.texts.filter((text) => text !== '{}' && text !== '').map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  private get texts(): string[] {
    const bytes = Buffer.concat(this.chunks);
    if (this.framing === 'websocket') return framesIn(bytes).flatMap((frame) => frame.split('\n'));
    const text = bytes.toString('utf8');
    return this.framing === 'line' ? text.split('\n') : text.split('\n\n').map((event) => event.replace(/^data: /, ''));
  }

  get raw(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

const PING = Buffer.from([0x81, 0x02, 0x7b, 0x7d]);

/** Payloads of unmasked text frames. */
export function framesIn(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const short = bytes[at + 1]!;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (bytes[at] === 0x81) found.push(bytes.toString('utf8', at + head, at + head + length));
    at += head + length;
  }
  return found;
}
