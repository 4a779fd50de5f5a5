/** The Centrifugo protocol by hand over an HTTP stream and its uplink: looks like a socket to a test. */

interface Connected {
  readonly connect?: { readonly session: string; readonly node: string };
}

export class StreamSocket {
  private readonly documents: string[] = [];
  private readonly waiting: ((document: string) => void)[] = [];
  private readonly abort = new AbortController();
  address = { session: '', node: '' };

  private constructor(
    private readonly origin: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** Resolves with the reply to connect, whatever it is. */
  static async open(origin: string, connect: object, headers: Readonly<Record<string, string>> = {}): Promise<StreamSocket> {
    const stream = new StreamSocket(origin, headers);
    const body = JSON.stringify({ id: 1, connect });
    const response = await fetch(`${origin}/connection/http_stream`, {
      method: 'POST',
      body,
      signal: stream.abort.signal,
      headers: { 'content-type': 'application/json', ...headers },
    });
    if (!response.body || !response.ok) throw new Error(`http_stream: ${response.status}`);
    void stream.read(response.body);
    const first = JSON.parse(await stream.next()) as Connected;
    if (first.connect) stream.address = first.connect;
    return stream;
  }

  send(document: unknown): void {
    void this.post(JSON.stringify(document));
  }

  post(data: string): Promise<Response> {
    const { session, node } = this.address;
    return fetch(`${this.origin}/emulation`, { method: 'POST', headers: this.headers, body: JSON.stringify({ session, node, data }) });
  }

  next(): Promise<string> {
    const ready = this.documents.shift();
    return ready === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(ready);
  }

  destroy(): void {
    this.abort.abort();
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') this.arrived(line);
      }
    } catch {
      // The end of an aborted stream is an exception.
    }
  }

  private arrived(document: string): void {
    if (document === '{}') return void this.post('{}'); // a ping
    const taker = this.waiting.shift();
    if (taker) taker(document);
    else this.documents.push(document);
  }
}
