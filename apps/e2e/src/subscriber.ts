/** What every kind of client in the tests is: it follows channels, keeps its own cursors and reports each event that it shows. */
import { hashOf, type HistoryRecorder } from '@veche/testing';

/** An event as every door shows it. */
export interface ShownEvent {
  readonly channel: string;
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly actor: string;
  readonly command_id: string;
  readonly ts: number;
  readonly data: { readonly text?: string; readonly title?: string };
}

export interface Subscriber {
  readonly name: string;
  /** Resolves when the first subscription to every channel stands. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Last seq shown of a channel. */
  shown(channel: string): number;
}

/** The payload that the history compares: a message's text, else what happened. */
export const payloadOf = (event: ShownEvent): string => event.data.text ?? event.kind;

/** Records what one subscriber shows. It never filters: a repeat or a hole must reach the checker. */
export class Screen {
  private readonly last = new Map<string, number>();

  constructor(
    readonly name: string,
    private readonly history: HistoryRecorder,
  ) {}

  begin(channel: string, after: number): void {
    this.history.add({ f: 'start', process: this.name, channel, after });
  }

  show(event: ShownEvent, epoch: string): void {
    this.last.set(event.channel, event.seq);
    this.history.add({ f: 'recv', process: this.name, channel: event.channel, epoch, seq: event.seq, id: event.id, hash: hashOf(payloadOf(event)) });
  }

  /** The server said that it cannot give what was missed. */
  lost(channel: string): void {
    this.history.add({ f: 'lost', process: this.name, channel });
  }

  shown(channel: string): number {
    return this.last.get(channel) ?? 0;
  }
}
