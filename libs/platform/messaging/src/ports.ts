/**
 * The ports of the bus: commands, events and signals, requests, work.
 * An adapter implements all four and passes tests/conformance/bus.conformance.ts.
 */
import type { ChannelEvent, CommandEnvelope, CommandReply, Signal } from '@veche/contracts';

/** The side of a door: commands leave in batches, one in flight per slot queue. */
export interface CommandBus {
  /**
   * Carries a command to its owner; resolves with the owner's reply, or with a refusal
   * (`unavailable`: certainly not applied, `outcome_unknown`: nobody knows) by `deadline`. Never rejects, never hangs.
   */
  send(command: CommandEnvelope): Promise<CommandReply>;
}

/** The side of the owner: takes a batch of one queue, answers every command in it. */
export interface BatchProcessor {
  /**
   * One transaction, events published with confirm, then the replies in the order of the commands.
   * A throw means that nothing is known to be committed: the adapter delivers the same batch again.
   * @param attempt 1 at the first delivery; from 4 on commands are handled one by one so that poison is isolated.
   */
  process(batch: readonly CommandEnvelope[], attempt: number): Promise<readonly CommandReply[]>;
  /** Rejects while no batch can be processed, whatever is in it. Asked only when batches fail or take long. */
  probe?(): Promise<void>;
}

/** Fan-out to every gateway process. It may lose, repeat and reorder: readers go by seq and the log. */
export interface EventBus {
  /** Resolves when the bus has taken all; rejects if it did not (the command batch is then redelivered). */
  publish(events: readonly ChannelEvent[]): Promise<void>;
  /** Fire and forget; dropped first under pressure. */
  signal(signals: readonly Signal[]): void;
  /** Every event and signal of the whole cluster, in batches. Returns what ends it. */
  subscribe(reader: FanoutReader): () => void;
}

export interface FanoutReader {
  /** Asked first and for each record, so it must cost next to nothing: false skips decoding. */
  wants(channel: string): boolean;
  events(batch: readonly ChannelEvent[]): void;
  signals(batch: readonly Signal[]): void;
  /** A fan-out that carries no events says only how far the logs of wanted channels reach: read what is missing. */
  advanced(heads: readonly Head[]): void;
  /** The fan-out was interrupted: anything may have been missed, check all positions. */
  interrupted(): void;
}

/** The log of the channel has at least `seq` events. */
export interface Head {
  readonly channel: string;
  readonly seq: number;
}

/** An event bus as a part that adapters are put together from: the messaging adapter's own, or one chosen by BUS_FANOUT. */
export interface Fanout extends EventBus {
  /** Resolves once this process hears what others publish from now on. */
  start(): Promise<void>;
  /** Hands over and sends what is waiting, then takes no more; tolerates never started and twice. */
  stop(): Promise<void>;
  /** Rejects, with a reason for people, while nothing is heard. */
  check(): Promise<void>;
}

export interface RequestBus {
  /** Resolves with the answer; rejects with a VecheError (`unavailable`, `outcome_unknown` at the deadline, or what the service refused with). */
  ask(kind: string, query: unknown, options?: AskOptions): Promise<unknown>;
}

export interface AskOptions {
  /** Default: RPC_TIMEOUT_MS. */
  readonly timeoutMs?: number;
  /** Of the asker's span, if it is traced; the adapter hands it to the handler. */
  readonly traceparent?: string | undefined;
}

export interface WorkBus {
  /** Resolves once the unit is safely queued; it is done at least once, retried after 1, 5 and 30 s, then dead-lettered. */
  enqueue(unit: WorkUnit): Promise<void>;
}

export interface WorkUnit {
  readonly kind: string;
  readonly class: 'critical' | 'normal' | 'bulk';
  /** Idempotency key of the effect. */
  readonly id: string;
  readonly data: unknown;
  /** Of the span that queued it, if that was traced. */
  readonly traceparent?: string | undefined;
}

/** What the strategy collected from Nest providers. */
export interface Handlers {
  readonly commands?: BatchProcessor;
  readonly requests: ReadonlyMap<string, (query: unknown, traceparent?: string) => Promise<unknown>>;
  readonly work: ReadonlyMap<string, (unit: WorkUnit) => Promise<void>>;
}

export interface MessagingAdapter {
  readonly commands: CommandBus;
  readonly events: EventBus;
  readonly requests: RequestBus;
  readonly work: WorkBus;
  /** Starts consuming. */
  serve(handlers: Handlers): Promise<void>;
  /** Rejects, with a reason for people, while the bus cannot take or bring anything. */
  check(): Promise<void>;
  /** Stops taking, finishes what was taken, returns when done; tolerates never started and twice. */
  stop(): Promise<void>;
}
