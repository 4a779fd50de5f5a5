import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { once } from '@veche/testing';
// allowed: import over the fence: one suite for all doors, which no product code may import
import type { Document, DoorClient } from '../../realtime/tests/door.conformance.ts';

/** A stream down, POSTs up. */
export class StreamClient implements DoorClient {
  readonly documents: Document[] = [];
  ended: number | undefined;
  private rest = '';

  private constructor(
    /** Where it posts. */
    private readonly uplink: number,
    private readonly call: ClientRequest,
    private readonly down: IncomingMessage,
    private readonly separator: string,
  ) {
    // A cut is meant: it is no failure of the test.
    call.on('error', () => undefined);
    down.on('error', () => undefined);
    down.setEncoding('utf8').on('data', (text: string) => this.read(text));
  }

  static async open(port: number, kind: 'line' | 'sse', connect: string, uplink = port): Promise<StreamClient> {
    const path = kind === 'line' ? '/connection/http_stream' : `/connection/sse?cf_connect=${encodeURIComponent(connect)}`;
    const call = request({
      port,
      path,
      method: kind === 'line' ? 'POST' : 'GET',
      agent: false,
      headers: kind === 'line' ? { 'Content-Type': 'application/json' } : {},
    });
    const answered = once(call, 'response');
    call.end(kind === 'line' ? connect : undefined);
    const [down] = (await answered) as [IncomingMessage];
    return new StreamClient(uplink, call, down, kind === 'line' ? '\n' : '\n\n');
  }

  /** Until the session is known there is nobody to say it to. */
  async say(data: string): Promise<number> {
    const { session, node } = (this.documents.find(({ connect }) => connect)?.connect ?? {}) as { session?: string; node?: string };
    const call = request({ port: this.uplink, path: '/emulation', method: 'POST', agent: false, headers: { 'Content-Type': 'application/json' } });
    const answered = once(call, 'response');
    call.end(JSON.stringify({ session, node, data }));
    const [{ statusCode = 0 }] = (await answered) as [IncomingMessage];
    return statusCode;
  }

  cut(): void {
    this.call.destroy();
  }

  stall(): void {
    this.down.pause();
  }

  private read(text: string): void {
    const parts = (this.rest + text).split(this.separator);
    this.rest = parts.pop() ?? '';
    for (const part of parts) this.take(part.replace(/^data: /, ''));
  }

  private take(text: string): void {
    // The server may be gone by the time that its ping is answered.
    if (text === '{}') return void this.say('{}').catch(() => undefined);
    const document = JSON.parse(text) as Document;
    this.documents.push(document);
    this.ended ??= document.push?.disconnect?.code as number | undefined;
  }
}
