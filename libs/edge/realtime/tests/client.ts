/** A v2 client over a fake transport: what a test says and hears. */
import { type World } from './world/world.ts';
import { eventually } from '@veche/testing';
import type { Connection, Framing, Peer } from '../src/door.ts';
import { Doors } from '../src/doors.ts';
import { FakeTransport } from './world/fake-transport.ts';
import { tokenOf } from './world/tokens.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- documents of a protocol: each test asserts the shape that it looks at
type Document = Record<string, any>;

export class Client {
  readonly transport: FakeTransport;
  readonly connection: Connection;
  private id = 0;

  constructor(world: World, framing: Framing = 'websocket', peer: Peer = { address: '192.0.2.7' }) {
    this.transport = new FakeTransport(framing, framing === 'websocket' ? 'websocket' : framing === 'sse' ? 'sse' : 'http_stream');
    this.connection = world.get(Doors).openV2(this.transport, peer);
    this.transport.answers = this.connection;
  }

  static async connected(world: World, user: string, framing: Framing = 'websocket'): Promise<Client> {
    const client = new Client(world, framing);
    await client.ask('connect', { token: tokenOf(user) });
    return client;
  }

  say(text: string): void {
    this.connection.frame(Buffer.from(text));
  }

  /** Sends a command and resolves with its reply. */
  async ask(method: string, params: Document): Promise<Document> {
    const id = ++this.id;
    this.say(JSON.stringify({ id, [method]: params }));
    return this.reply(id);
  }

  reply(id: number): Promise<Document> {
    return eventually(() => this.documents.find((document) => document.id === id), { what: `a reply to ${id}`, timeoutMs: 5_000 }) as Promise<Document>;
  }

  get documents(): Document[] {
    return this.transport.documents;
  }

  pushes(kind: string, channel?: string): Document[] {
    return this.documents
      .filter(({ push }) => push?.[kind] !== undefined && (channel === undefined || push.channel === channel))
      .map(({ push }) => push[kind] as Document);
  }

  /** Seqs of a channel in the order they came, out of replies and pushes alike. */
  seqs(channel: string): number[] {
    return this.documents.flatMap(({ subscribe, push }) => {
      if (subscribe?.publications && (subscribe.publications[0]?.data?.channel ?? channel) === channel)
        return subscribe.publications.map(({ offset }: Document) => offset as number);
      return push?.channel === channel && push.pub?.offset !== undefined ? [push.pub.offset as number] : [];
    });
  }
}
