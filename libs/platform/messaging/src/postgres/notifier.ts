/**
 * Sends notifications, one statement at a time; the next collects meanwhile. After the commit of what it tells of and never within: NOTIFY takes
 * one lock for the whole server from before the commit record until after it is flushed and replicated, so appends that notify commit one by one.
 */
import { type Signal, VecheError } from '@veche/contracts';
import { type Database, sqlState } from '@veche/platform-postgres';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Head } from '../ports.ts';
import { PayloadWriter } from './payloads.ts';

/** The name that all processes of one database listen to. */
export const NOTIFIED = 'veche_fanout';

const NOTIFY = { name: 'messaging.notify', text: `SELECT count(pg_notify('${NOTIFIED}', payload)) FROM unnest($1::text[]) AS payload` } as const;

/** The server's queue of notifications is full: somebody listens and does not read. */
const QUEUE_FULL = '54000';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Notifier {
  readonly writer = new PayloadWriter();
  private heads = new Map<string, number>();
  private waiting: Waiting[] = [];
  private signals: Signal[] = [];
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
    private readonly database: Pick<Database, 'query'>,
  ) {}

  /** Resolves once the notification is committed. Of one channel only the highest seq is told: it says all that the lower ones would. */
  publish(heads: Iterable<Head>): Promise<void> {
    if (this.stopped) return Promise.reject(new VecheError('unavailable', 'the fan-out has stopped'));
    for (const { channel, seq } of heads) this.heads.set(channel, Math.max(seq, this.heads.get(channel) ?? 0));
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.run();
    });
  }

  signal(signals: readonly Signal[]): void {
    if (this.stopped) return;
    const taken = signals.slice(0, Math.max(0, this.config.BUS_SIGNAL_BACKLOG - this.signals.length));
    if (taken.length < signals.length) this.telemetry.signalsDropped(signals.length - taken.length);
    this.signals.push(...taken);
    this.run();
  }

  /** Sends what is waiting; tolerates twice. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private run(): void {
    this.running ??= this.work().finally(() => (this.running = undefined));
  }

  private async work(): Promise<void> {
    // All that is said in this turn of the loop leaves together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0 || this.signals.length > 0) await this.send();
  }

  private async send(): Promise<void> {
    const { heads, waiting, signals } = this;
    this.heads = new Map();
    this.waiting = [];
    this.signals = [];
    try {
      const told = this.writer.heads([...heads].map(([channel, seq]) => ({ channel, seq })));
      await this.notify([...told, ...this.encoded(signals)]);
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      this.telemetry.signalsDropped(signals.length);
      for (const { reject } of waiting) reject(error);
    }
  }

  private async notify(payloads: readonly string[]): Promise<void> {
    if (payloads.length === 0) return;
    await this.database.query({ ...NOTIFY, values: [payloads] }).catch((error: unknown) => {
      if (sqlState(error) !== QUEUE_FULL) throw error;
      // Readers find what they were not told by their positions; to hold up commands for it would make one dead listener everybody's outage.
      this.telemetry.fanoutFull(error);
    });
  }

  /** Signals that no record can hold are nothing that may hold up events. */
  private encoded(signals: readonly Signal[]): string[] {
    try {
      return this.writer.signals(signals);
    } catch {
      this.telemetry.signalsDropped(signals.length);
      return [];
    }
  }
}
