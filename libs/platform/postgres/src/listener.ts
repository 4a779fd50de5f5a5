import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { clientLimits, hangUp, WatchedClient } from './servers/connections.ts';
import { DatabaseUnavailableError } from './errors.ts';
import { Hosts } from './servers/hosts.ts';
import { directUrl, type PostgresConfig } from './postgres.config.ts';
import type { PostgresTelemetry } from './postgres.telemetry.ts';
import type { Incarnations } from './servers/server-state.ts';
import { openSession } from './servers/session.ts';
import { survey } from './servers/survey.ts';

export interface NotificationHandler {
  notified(payload: string): void;
  /** Notifications are heard again after a time in which any number may have been missed. */
  interrupted(): void;
}

/** Asked while nothing is said: a connection that is half open is noticed after this long, plus PG_QUERY_TIMEOUT_MS. */
const HEARTBEAT_MS = 5000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** A listener that is frozen keeps the server's queue of notifications from being emptied; its connection is given up after this long. */
const FROZEN = '30s';

/**
 * Hears notifications on one connection of its own, past any pooler: LISTEN once for each name whatever the number of its handlers, UNLISTEN after the
 * last. A connection that is lost is opened again until `close`; handlers are told once they are heard again.
 */
@Injectable()
export class Listener {
  private readonly hosts: Hosts;
  private readonly config: PostgresConfig;
  private readonly handlers = new Map<string, Set<NotificationHandler>>();
  private client: WatchedClient | undefined;
  /** What the connection listens to, or is about to. */
  private listening = new Map<string, Promise<void>>();
  private connecting: Promise<void> | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private closed = false;

  /** Opens no connection before the first `listen`. */
  constructor(
    config: PostgresConfig,
    private readonly incarnations: Incarnations,
    private readonly telemetry: PostgresTelemetry,
  ) {
    // PG_POOLER speaks of PG_URL; whether somebody stands in this way is looked at anew.
    this.config = { ...config, PG_POOLER: 'auto' };
    this.hosts = new Hosts(directUrl(config));
  }

  /**
   * Resolves, with what ends it, once notifications are heard; rejects with DatabaseUnavailableError, and is then forgotten.
   * Each handler is called with what others notify and with what this process notifies itself.
   */
  async listen(name: string, handler: NotificationHandler): Promise<() => Promise<void>> {
    const handlers = this.handlers.get(name) ?? new Set();
    this.handlers.set(name, handlers.add(handler));
    try {
      await this.hear(name);
    } catch (error) {
      await this.leave(name, handler);
      throw error instanceof DatabaseUnavailableError ? error : new DatabaseUnavailableError(error);
    }
    return () => this.leave(name, handler);
  }

  /** Rejects, with a reason for people, while something should be heard and is not. */
  async check(): Promise<void> {
    if (this.handlers.size > 0 && !this.client)
      throw new DatabaseUnavailableError(new Error('notifications are not heard: no direct connection to the database'));
  }

  /** Tolerates never started and twice. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    clearInterval(this.heartbeat);
    await this.connecting?.catch(() => undefined);
    if (this.client) hangUp(this.client);
    this.client = undefined;
  }

  private async hear(name: string): Promise<void> {
    if (!this.client) await this.connect();
    await this.say(name);
  }

  private say(name: string): Promise<void> {
    const known = this.listening.get(name);
    if (known) return known;
    const said = (this.client as WatchedClient).query(`LISTEN ${pg.escapeIdentifier(name)}`).then(() => undefined);
    this.listening.set(name, said);
    return said;
  }

  private async leave(name: string, handler: NotificationHandler): Promise<void> {
    const handlers = this.handlers.get(name);
    if (!handlers?.delete(handler) || handlers.size > 0) return;
    this.handlers.delete(name);
    if (!this.listening.delete(name) || !this.client) return;
    // Whoever hears a name that has no handler any more drops what it hears.
    await this.client.query(`UNLISTEN ${pg.escapeIdentifier(name)}`).catch(() => undefined);
  }

  /** Callers of the same moment share the attempt. */
  private connect(): Promise<void> {
    this.connecting ??= this.attempt().finally(() => (this.connecting = undefined));
    return this.connecting;
  }

  private async attempt(): Promise<void> {
    if (this.closed) throw new DatabaseUnavailableError(new Error('the listener is closed'));
    if (this.hosts.several) await survey(this.hosts, this.incarnations, this.config);
    const client = new WatchedClient({
      ...clientLimits(this.config),
      connectionString: this.hosts.current,
      connectionTimeoutMillis: this.config.PG_CONNECT_TIMEOUT_MS,
    });
    try {
      await client.connect();
      const { pooled, server } = await openSession(client, this.config);
      if (pooled) throw new Error('the listener is behind a pooler, where notifications are lost: set PG_DIRECT_URL to an address of the server itself');
      this.incarnations.admit(server);
      await client.query(`SET tcp_user_timeout = '${FROZEN}'`);
      this.listening = new Map();
      this.client = client;
      client.on('notification', ({ channel, payload }) => this.tell(channel, (handler) => handler.notified(payload ?? '')));
      await Promise.all([...this.handlers.keys()].map((name) => this.say(name)));
    } catch (error) {
      this.client = undefined;
      hangUp(client);
      throw error;
    }
    client.once('end', () => this.lost(client));
    this.pauseMs = FIRST_PAUSE_MS;
    clearInterval(this.heartbeat);
    this.heartbeat = setInterval(() => void client.query('SELECT 1').catch(() => hangUp(client)), HEARTBEAT_MS).unref();
  }

  private lost(client: WatchedClient): void {
    if (this.client !== client || this.closed) return;
    this.client = undefined;
    clearInterval(this.heartbeat);
    this.telemetry.listenerLost(new Error('Connection terminated unexpectedly'));
    this.again();
  }

  /** After a pause that grows, with jitter: after a failover all processes come at once. */
  private again(): void {
    if (this.closed) return;
    this.retry = setTimeout(
      () => {
        this.connect().then(
          () => {
            for (const name of this.handlers.keys()) this.tell(name, (handler) => handler.interrupted());
          },
          () => this.again(),
        );
      },
      this.pauseMs * (0.5 + Math.random()),
    ).unref();
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private tell(name: string, say: (handler: NotificationHandler) => void): void {
    for (const handler of this.handlers.get(name) ?? []) {
      try {
        say(handler);
      } catch (cause) {
        this.telemetry.listenerFailed(cause);
      }
    }
  }
}
