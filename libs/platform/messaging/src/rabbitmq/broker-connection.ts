/** One connection of amqp-connection-manager, which dials again by itself, and what it does not see to: jitter, frozen peers, an end that ends. */
import { setTimeout as pause } from 'node:timers/promises';
import amqp, { type AmqpConnectionManager } from 'amqp-connection-manager';
import type { ChannelModel } from 'amqplib';
import type { Duplex } from 'node:stream';
import type { RabbitMqTelemetry } from './rabbitmq.telemetry.ts';

/** A host that accepts and says nothing would otherwise hold the manager for ever, the next address untried and `close()` hanging. */
const CONNECT_MS = 2500;
/** Never 0: a frozen broker is noticed after about 13 s, and by no other means while nothing is published. */
const HEARTBEAT_S = 5;
const REDIAL_MS = 50;
/** Processes that lost the same broker come back spread over this time, so that it is not felled again by their return. */
const LONGEST_JITTER_MS = 1000;
const CLOSE_MS = 2000;

export interface Opened {
  readonly model: ChannelModel;
  readonly version: string;
}

export class BrokerConnection {
  readonly manager: AmqpConnectionManager;
  /** Told in the order of subscription; `undefined`: lost. */
  private readonly listeners: ((opened: Opened | undefined) => void)[] = [];
  private opened: Opened | undefined;
  private readonly closing = new AbortController();
  private attempts = 0;
  /** Index of the first address of this round. */
  private start = 0;
  private alarm: string | undefined;
  /** What the last attempt failed with. */
  private failure: string | undefined;
  private url = '';

  /** @param name shown in the broker's list of connections: who it is and what for */
  constructor(
    private readonly urls: readonly string[],
    private readonly name: { readonly process: string; readonly purpose: string },
    private readonly telemetry: RabbitMqTelemetry,
  ) {
    // One address an attempt, so that this runs at every attempt: the manager asks again only when its list is used up.
    this.manager = amqp.connect(undefined, {
      findServers: () => this.nextUrl(),
      heartbeatIntervalInSeconds: HEARTBEAT_S,
      reconnectTimeInSeconds: REDIAL_MS / 1000,
      connectionOptions: {
        timeout: CONNECT_MS,
        noDelay: true,
        keepAlive: true,
        clientProperties: { connection_name: `${name.process} ${name.purpose}` },
      },
    });
    this.manager.on('connect', ({ connection }) => this.onConnect(connection as unknown as ChannelModel));
    this.manager.on('connectFailed', ({ err }) => this.onFailure(err));
    this.manager.on('disconnect', ({ err }) => this.onDisconnect(err));
    this.manager.on('blocked', ({ reason }) => this.changeAlarm(reason));
    this.manager.on('unblocked', () => this.changeAlarm(undefined));
  }

  get current(): Opened | undefined {
    return this.opened;
  }

  /** Why it is not there, for people. */
  get reason(): string | undefined {
    if (this.opened) return undefined;
    return this.failure === undefined ? 'not connected to RabbitMQ yet' : `not connected to RabbitMQ: ${this.failure}`;
  }

  /** The broker's reason while it takes nothing on this connection. */
  get blockedBy(): string | undefined {
    return this.alarm;
  }

  onChange(listener: (opened: Opened | undefined) => void): void {
    this.listeners.push(listener);
  }

  /** Called when an alarm begins or ends. */
  onAlarm: (reason: string | undefined) => void = () => {};

  /** Ends it at once and dials again. `reconnect()` of the manager would wait for a frozen peer to say goodbye: 18 s, measured. */
  kill(reason: string): void {
    streamOf(this.opened?.model)?.destroy(new Error(reason));
  }

  /** Says goodbye if the peer listens; tolerates twice. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    const last = streamOf(this.opened?.model);
    await Promise.race([this.manager.close().catch(() => {}), pause(CLOSE_MS, undefined, { ref: false })]);
    // With an error: without one amqplib does not notice, and its heartbeats keep the process for 13 s.
    last?.destroy(new Error('closed'));
    this.onDisconnect(undefined);
  }

  private async nextUrl(): Promise<string> {
    const attempt = this.attempts++;
    const longest = Math.min(LONGEST_JITTER_MS, REDIAL_MS * 2 ** Math.min(attempt, 10));
    if (attempt > 0) await pause(Math.random() * longest, undefined, { signal: this.closing.signal });
    // From a random node on, so that processes spread; then each in turn.
    if (attempt === 0) this.start = Math.floor(Math.random() * this.urls.length);
    this.url = this.urls[(this.start + attempt) % this.urls.length]!;
    return this.url;
  }

  private onConnect(model: ChannelModel): void {
    this.attempts = 0;
    this.failure = undefined;
    this.changeAlarm(undefined);
    const version = versionOf(model);
    this.opened = { model, version };
    // Of the moments when the manager does not listen any more.
    model.on('error', () => {});
    gatherWrites(streamOf(model));
    model.once('close', () => endSoon(streamOf(model)));
    this.telemetry.connectionOpened(this.name.purpose, this.url, version);
    for (const listener of this.listeners) listener(this.opened);
  }

  private onFailure(cause: Error): void {
    if (this.closing.signal.aborted) return;
    const text = failureOf(cause);
    // Once for each cause: an hour without a broker is no reason for thousands of lines.
    if (text !== this.failure) this.telemetry.connectionFailed(this.name.purpose, cause);
    this.failure = text;
  }

  private onDisconnect(cause: unknown): void {
    if (!this.opened) return;
    this.opened = undefined;
    this.failure = cause instanceof Error ? cause.message : 'closed';
    this.changeAlarm(undefined);
    if (!this.closing.signal.aborted) this.telemetry.connectionLost(this.name.purpose, cause);
    for (const listener of this.listeners) listener(undefined);
  }

  private changeAlarm(reason: string | undefined): void {
    if (this.alarm === reason) return;
    this.alarm = reason;
    this.onAlarm(reason);
  }
}

/** amqplib does not pass on why the server refused a virtual host. */
function failureOf({ message, code }: Error & { readonly code?: string }): string {
  if (/ConnectionOpenOk; got <ConnectionClose/.test(message))
    return 'the broker refused the virtual host: it must exist, and this user must have permissions on it (the path of RABBITMQ_URL)';
  return message || code || 'no answer';
}

const versionOf = ({ connection }: ChannelModel): string => String((connection.serverProperties as unknown as Record<string, unknown>)['version'] ?? '');

// The socket stands in no type; nothing else ends a connection whose peer is frozen.
const streamOf = (model: ChannelModel | undefined): Duplex | undefined => (model?.connection as unknown as { stream?: Duplex } | undefined)?.stream;

/** amqplib writes frame by frame: the frames of one turn leave in one system call instead. */
function gatherWrites(stream: Duplex | undefined): void {
  if (!stream) return;
  const write = stream.write.bind(stream) as (chunk: unknown) => boolean;
  stream.write = (chunk: unknown) => {
    if (stream.writableCorked === 0) {
      stream.cork();
      process.nextTick(() => stream.uncork());
    }
    return write(chunk);
  };
}

/** After the goodbyes: amqplib only half-closes the socket, and that of a frozen peer would stay. */
function endSoon(stream: Duplex | undefined): void {
  setTimeout(() => stream?.destroy(), 500).unref();
}
