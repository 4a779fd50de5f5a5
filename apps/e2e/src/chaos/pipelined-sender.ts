/** Sends on a plain socket without waiting for answers; what a broken socket left open goes out again, in order, on the next. */
import { randomUUID } from 'node:crypto';
import { hashOf, type HistoryRecorder } from '@veche/testing';
import { WebSocket } from 'ws';

/** Commands on the way at the same time. */
const WINDOW = 8;
const RECONNECT_MS = 150;
/** A command without an answer for this long is given to a new socket: it may be mute. */
const PATIENCE_MS = 8_000;

interface Pending {
  readonly command_id: string;
  readonly text: string;
  attempt: number;
}

type Answer = { type: 'ack'; ack: string; seq: number } | { type: 'error'; id?: string; error: { code: number; retryable?: boolean } } | { type: 'connected' };

export class PipelinedSender {
  private readonly pending = new Map<string, Pending>();
  private socket: WebSocket | undefined;
  /** Each socket is a session: order is promised within one. */
  private sockets = 0;
  private lastAnswer = 0;
  private ended: (() => void) | undefined;

  constructor(
    readonly name: string,
    private readonly origin: string,
    private readonly token: string,
    private readonly channel: string,
    private readonly history: HistoryRecorder,
  ) {}

  /** Sends in bursts until `stop`; resolves when everything that was sent has an outcome. */
  async run(stop: AbortSignal, pauseMs: number): Promise<void> {
    this.connect();
    for (let number = 0; !stop.aborted; number++) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (this.pending.size < WINDOW && this.isOpen) this.sendNew(`pipelined ${number} of ${this.name}`);
      if (this.pending.size > 0 && performance.now() - this.lastAnswer > PATIENCE_MS) this.socket?.terminate();
    }
    const watch = setInterval(() => performance.now() - this.lastAnswer > PATIENCE_MS && this.socket?.terminate(), 1_000);
    if (this.pending.size > 0) await new Promise<void>((resolve) => (this.ended = resolve));
    clearInterval(watch);
    this.ended = () => undefined;
    this.socket?.terminate();
  }

  private get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  private get session(): string {
    return `${this.name} ${this.sockets}`;
  }

  private connect(): void {
    this.sockets++;
    this.lastAnswer = performance.now();
    const socket = new WebSocket(`${this.origin.replace('http', 'ws')}/realtime/ws`, { headers: { authorization: `Bearer ${this.token}` } });
    this.socket = socket;
    socket.on('open', () => this.resend());
    socket.on('message', (text) => this.take(JSON.parse(String(text)) as Answer));
    socket.on('error', () => undefined); // a close follows
    socket.on('close', () => setTimeout(() => (this.ended && this.pending.size === 0 ? undefined : this.connect()), RECONNECT_MS));
  }

  private resend(): void {
    for (const pending of this.pending.values()) {
      pending.attempt++;
      this.write(pending);
    }
  }

  private sendNew(text: string): void {
    const pending = { command_id: randomUUID(), text, attempt: 1 };
    this.pending.set(pending.command_id, pending);
    this.history.add({
      f: 'send',
      type: 'invoke',
      process: this.name,
      channel: this.channel,
      command_id: pending.command_id,
      hash: hashOf(text),
      session: this.session,
    });
    if (this.pending.size === 1) this.lastAnswer = performance.now();
    this.write(pending);
  }

  private write({ command_id, text }: Pending): void {
    this.socket?.send(JSON.stringify({ type: 'send', channel: this.channel, id: command_id, text }));
  }

  private take(answer: Answer): void {
    this.lastAnswer = performance.now();
    if (answer.type === 'ack') this.settle(answer.ack, { type: 'ok', seq: answer.seq });
    if (answer.type !== 'error' || answer.id === undefined) return;
    // Open or refused for now: the same id goes out again on this socket, a resend like any other.
    if (answer.error.retryable) setTimeout(() => this.again(answer.id as string), RECONNECT_MS);
    else this.settle(answer.id, { type: 'fail' });
  }

  private again(id: string): void {
    const pending = this.pending.get(id);
    if (!pending || !this.isOpen) return;
    pending.attempt++;
    this.write(pending);
  }

  private settle(command_id: string, outcome: { type: 'ok'; seq: number } | { type: 'fail' }): void {
    const pending = this.pending.get(command_id);
    if (!pending) return;
    this.pending.delete(command_id);
    this.history.add({ f: 'send', process: this.name, channel: this.channel, command_id, session: this.session, attempt: pending.attempt, ...outcome });
    if (this.pending.size === 0) this.ended?.();
  }
}
