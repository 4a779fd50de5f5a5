/** The unmodified `centrifuge` client on one of its three transports. */
import type { HistoryRecorder } from '@veche/testing';
import { Centrifuge, type Options, type TransportName } from 'centrifuge';
import { EventSource } from 'eventsource';
import { WebSocket } from 'ws';
import { Screen, type ShownEvent, type Subscriber } from './subscriber.ts';

const PATHS = { websocket: '/connection/websocket', http_stream: '/connection/http_stream', sse: '/connection/sse' } as const;
export type CentrifugeTransport = keyof typeof PATHS;

/** One client with exactly one transport, so that a test knows what it drives. */
export function centrifugeOn(transport: CentrifugeTransport, origin: string, options: Partial<Options>): Centrifuge {
  const base = transport === 'websocket' ? origin.replace('http', 'ws') : origin;
  const endpoint = base + PATHS[transport];
  return new Centrifuge([{ transport: transport as TransportName, endpoint }], {
    websocket: WebSocket,
    eventsource: EventSource,
    fetch,
    readableStream: ReadableStream,
    emulationEndpoint: `${origin}/emulation`,
    minReconnectDelay: 50,
    maxReconnectDelay: 500,
    ...options,
  });
}

export class CentrifugeSubscriber implements Subscriber {
  private readonly screen: Screen;
  readonly client: Centrifuge;

  constructor(
    readonly name: string,
    transport: CentrifugeTransport,
    origin: string,
    token: string,
    private readonly channels: readonly string[],
    history: HistoryRecorder,
  ) {
    this.screen = new Screen(name, history);
    this.client = centrifugeOn(transport, origin, { token });
  }

  async start(): Promise<void> {
    this.client.connect();
    await Promise.all(this.channels.map((channel) => this.follow(channel)));
  }

  async stop(): Promise<void> {
    this.client.disconnect();
  }

  shown(channel: string): number {
    return this.screen.shown(channel);
  }

  private follow(channel: string): Promise<void> {
    const subscription = this.client.newSubscription(channel, { since: { offset: 0, epoch: '' } });
    let epoch = '';
    this.screen.begin(channel, 0);
    subscription.on('subscribed', (context) => {
      epoch = context.streamPosition?.epoch ?? '';
      if (context.wasRecovering && !context.recovered) this.screen.lost(channel);
    });
    subscription.on('publication', (context) => context.offset && this.screen.show(context.data as ShownEvent, epoch));
    subscription.subscribe();
    return subscription.ready();
  }
}
