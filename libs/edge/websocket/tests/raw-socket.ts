import { once } from '@veche/testing';
import { eventually } from '@veche/testing';
import { type ClientOptions, WebSocket } from 'ws';

// oxlint-disable-next-line typescript/no-explicit-any -- documents of a protocol: each test asserts the shape that it looks at
type Document = Record<string, any>;

/** A WebSocket as a test sees it: every document, the close code, the HTTP answer when there was no upgrade. */
export class RawSocket {
  readonly documents: Document[] = [];
  closed: { code: number; reason: string } | undefined;
  refused: { status: number; headers: Record<string, unknown>; body: string } | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) =>
      this.documents.push(
        ...data
          .toString()
          .split('\n')
          .map((text) => JSON.parse(text) as Document),
      ),
    );
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    socket.on('error', () => {});
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response
        .setEncoding('utf8')
        .on('data', (text: string) => (body += text))
        .on('end', () => (this.refused = { status: response.statusCode ?? 0, headers: response.headers, body }));
    });
  }

  static async open(url: string, options: ClientOptions = {}, protocols: string[] = []): Promise<RawSocket> {
    const raw = new RawSocket(new WebSocket(url, protocols, { perMessageDeflate: false, ...options }));
    await once(raw.socket, 'open');
    return raw;
  }

  /** Open, or undefined when the upgrade was refused. */
  static async attempt(url: string): Promise<RawSocket | undefined> {
    const raw = new RawSocket(new WebSocket(url));
    await eventually(() => raw.socket.readyState !== WebSocket.CONNECTING || raw.refused, { what: 'an open or refused upgrade' });
    return raw.refused ? undefined : raw;
  }

  /** Expects that the upgrade is refused. */
  static async refused(url: string, options: ClientOptions = {}, protocols: string[] = []): Promise<NonNullable<RawSocket['refused']>> {
    const raw = new RawSocket(new WebSocket(url, protocols, options));
    return (await eventually(() => raw.refused, { what: 'a refusal' })) as NonNullable<RawSocket['refused']>;
  }

  say(document: unknown): void {
    this.socket.send(typeof document === 'string' ? document : JSON.stringify(document));
  }

  async hears(matches: (document: Document) => unknown): Promise<Document> {
    return eventually(() => this.documents.find((document) => matches(document)), { what: String(matches), timeoutMs: 5_000 }) as Promise<Document>;
  }

  async isClosed(timeoutMs = 5_000): Promise<{ code: number; reason: string }> {
    return eventually(() => this.closed, { what: 'a close', timeoutMs });
  }
}
