import { Inject, Injectable } from '@nestjs/common';
import { type CloseRow, parseChannel } from '@veche/contracts';
import { LATENCY_BUCKETS, Logger, Metrics } from '@veche/platform-telemetry';
import type { Transport } from './door.ts';
import type { ChannelState, Item } from './hub/channel-state.ts';
import { isEvent } from './hub/channel-state.ts';
import { ServerId } from './server-id.ts';
import { CLOCK, type Clock } from './ports.ts';

const STREAMS: ReadonlySet<Transport['door']> = new Set(['sse', 'http_stream', 'event_source']);

/** One method per fact: no other file of the realtime core names a metric or writes a log line. */
@Injectable()
export class RealtimeTelemetry {
  private readonly log: Logger;
  private readonly sockets;
  private readonly streams;
  private readonly delivery;
  private readonly closed;
  private readonly failed;
  private readonly gaps;
  private readonly timeouts;
  private readonly refused;
  private readonly reconnects;
  private readonly broadcasts;
  private readonly paths;
  private readonly calls;

  constructor(
    metrics: Metrics,
    logger: Logger,
    private readonly server: ServerId,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.log = logger.child('gateway');
    const labelNames = ['server_id'] as const;
    this.sockets = metrics.gauge({ name: 'veche_ws_connections_active', help: 'Open WebSocket sessions', labelNames });
    this.streams = metrics.gauge({ name: 'veche_sse_connections_active', help: 'Open sessions over SSE, HTTP streams and EventSource', labelNames });
    this.delivery = metrics.histogram({
      name: 'veche_message_delivery_duration_seconds',
      help: 'From the append of an event to its write to local subscribers',
      buckets: LATENCY_BUCKETS,
    });
    this.closed = metrics.counter({ name: 'veche_gateway_sessions_closed_total', help: 'Sessions that the server closed, by code', labelNames: ['code'] });
    this.failed = metrics.counter({
      name: 'veche_gateway_connections_failed_total',
      help: 'Handshakes and connects that were refused, by cause',
      labelNames: ['cause'],
    });
    this.gaps = metrics.counter({
      name: 'veche_gateway_messages_lost_total',
      help: 'Events that the fan-out lost; outcome: filled from the log, or position lost',
      labelNames: ['outcome'],
    });
    this.timeouts = metrics.counter({
      name: 'veche_gateway_timeouts_total',
      help: 'Sessions closed because they were silent, by cause',
      labelNames: ['cause'],
    });
    this.refused = metrics.counter({
      name: 'veche_gateway_commands_refused_total',
      help: 'Client commands answered with an error, by code',
      labelNames: ['code'],
    });
    this.reconnects = metrics.counter({ name: 'ws_reconnect_attempts', help: 'Handshakes that count as a reconnect of their address' });
    this.broadcasts = metrics.counter({
      name: 'veche_gateway_broadcasts_total',
      help: 'Events and signals forwarded to local subscribers, each once however many they are',
      labelNames: ['type', 'channel'],
    });
    this.paths = metrics.gauge({
      name: 'veche_gateway_send_path',
      help: '1 for the way that broadcasts take: native (the send loop) or streams (of Node)',
      labelNames: ['path'],
    });
    this.calls = metrics.counter({
      name: 'veche_gateway_node_calls_total',
      help: 'Questions of this process to others of the edge, by what came of them',
      labelNames: ['question', 'outcome'],
    });
    metrics.gauge({
      name: 'veche_gateway_nodes',
      help: 'Processes of the edge that this one knows of, itself included',
      collect: this.collector(() => this.nodesKnown()),
    });
    metrics.gauge({
      name: 'broadcast_queue_length',
      help: 'Sessions whose outbox is waiting for a slow peer',
      collect: this.collector(() => this.queueLength()),
    });
    metrics.gauge({ name: 'online_ws_clients', help: 'Open WebSocket sessions of this process', collect: this.collector(() => this.opened.websocket) });
    this.opened = { websocket: 0, stream: 0 };
    for (const door of ['websocket', 'sse'] as const) this.count(door, 0);
    metrics.pulse.value('online_ws_clients', () => this.opened.websocket);
    metrics.pulse.value('broadcast_queue_length', () => this.queueLength());
  }

  /** Read by the gauges. */
  readonly opened: { websocket: number; stream: number };
  queueLength: () => number = () => 0;
  nodesKnown: () => number = () => 1;

  sessionOpened(door: Transport['door']): void {
    this.count(door, 1);
  }

  sessionEnded(door: Transport['door']): void {
    this.count(door, -1);
  }

  sessionClosed(door: Transport['door'], reason: CloseRow): void {
    this.closed.inc({ code: reason.code });
    if (reason.code === 3008 || reason.code === 3012)
      this.log.info({ code: reason.code, door, online_ws_clients: this.opened.websocket }, `session closed: ${reason.reason}`);
    if (reason.code === 3012 || reason.code === 3502) this.timeouts.inc({ cause: reason.reason });
  }

  connectFailed(cause: string): void {
    this.failed.inc({ cause });
  }

  commandRefused(code: number): void {
    this.refused.inc({ code });
  }

  reconnected(): void {
    this.reconnects.inc();
  }

  gapFilled(channel: string, events: number): void {
    this.gaps.inc({ outcome: 'filled' }, events);
    this.log.warn({ namespace: namespaceOf(channel), events }, 'the fan-out lost events: read from the log');
  }

  positionLost(channel: string, cause: string): void {
    this.gaps.inc({ outcome: 'position_lost' });
    this.log.error({ namespace: namespaceOf(channel), cause }, 'a channel lost its position: its subscribers resume by themselves');
  }

  nodeCall(question: string, outcome: 'ok' | 'refused' | 'timeout' | 'gone'): void {
    this.calls.inc({ question, outcome });
  }

  nodeFound(node: string): void {
    this.log.debug({ node }, 'another process of the edge is here');
  }

  nodeGone(node: string, how: 'left' | 'silent'): void {
    if (how === 'left') this.log.info({ node }, 'another process of the edge has left');
    else this.log.warn({ node }, 'another process of the edge has fallen silent: it counts as gone');
  }

  unexpected(error: unknown, what: string): void {
    this.log.error({ err: error }, what);
  }

  /** Said once, at the start. */
  sendPath(path: 'native' | 'streams', setting: 'auto' | 'off'): void {
    this.paths.set({ path }, 1);
    const why =
      setting === 'off' ? ', as GATEWAY_NATIVE_SEND says' : ': the native send loop was not compiled for this machine, a broadcast costs half as much again';
    this.log.info({ path }, path === 'native' ? 'broadcasts go through the native send loop' : `broadcasts go through the streams of Node${why}`);
  }

  draining(sessions: number, overMs: number): void {
    this.log.info({ sessions, over_ms: overMs }, 'sessions are told to move');
  }

  delivered(state: ChannelState, items: readonly Item[]): void {
    const now = this.clock.wall();
    const channel = namespaceOf(state.name);
    for (const item of items) {
      this.broadcasts.inc({ type: isEvent(item) ? 'event' : 'signal', channel });
      if (isEvent(item)) this.delivery.observe(Math.max(0, now - item.ts) / 1000);
    }
  }

  private count(door: Transport['door'], by: number): void {
    const labels = { server_id: this.server.name };
    if (STREAMS.has(door)) this.streams.set(labels, (this.opened.stream += by));
    else this.sockets.set(labels, (this.opened.websocket += by));
  }

  private collector(value: () => number): (this: { set(value: number): void }) => void {
    return function collect() {
      this.set(value());
    };
  }
}

/** Of low cardinality, unlike the channel. */
const namespaceOf = (channel: string): string => parseChannel(channel)?.namespace ?? '';
