/**
 * Commands on their way. Each keeps its command_id until the server has answered, through reconnects and reloads,
 * so that it has its effect exactly once. One at a time per thread: POSTs of a stream may overtake each other.
 */
import type { CommandName, Pending } from '../state/model.ts';
import { current, dispatch } from '../state/store.ts';
import type { Done, Params } from './operations.ts';
import { mayRetry, type Link, type LinkError, sentenceOf } from './link.ts';
import { dropCommand, keepCommand } from './vault.ts';

const PAUSES_MS = [500, 1_000, 2_000, 5_000];

export class Outbox {
  private readonly busy = new Set<string>();
  private readonly answers = new Map<string, (done: Done | null) => void>();
  private stopped = false;

  constructor(
    private readonly link: Link,
    private readonly user: string,
  ) {}

  /** Resolves with the answer, or with null once the command was refused for good (the state says why). */
  send(name: CommandName, channel: string, params: Params): Promise<Done | null> {
    const command: Pending = { command_id: newCommandId(), name, channel, params, ts: Date.now() };
    keepCommand(this.user, command);
    dispatch({ type: 'pending', command });
    const answered = new Promise<Done | null>((resolve) => this.answers.set(command.command_id, resolve));
    void this.flush(channel);
    return answered;
  }

  /** Everything that is not answered yet; called whenever the connection is live again. */
  resume(): void {
    for (const channel of new Set(waiting().map((command) => command.channel))) void this.flush(channel);
  }

  retry(id: string): void {
    const command = current().pending.find((one) => one.command_id === id);
    if (!command) return;
    const { refused: _why, ...again } = command;
    dispatch({ type: 'pending', command: again });
    void this.flush(command.channel);
  }

  discard(id: string): void {
    dropCommand(this.user, id);
    dispatch({ type: 'dropped', command_id: id });
  }

  stop(): void {
    this.stopped = true;
  }

  private async flush(channel: string): Promise<void> {
    if (this.busy.has(channel)) return;
    this.busy.add(channel);
    for (let tries = 0, next = this.next(channel); next; next = this.next(channel)) {
      if (await this.deliver(next)) tries = 0;
      else await pause(PAUSES_MS[Math.min(tries++, PAUSES_MS.length - 1)] ?? 0);
    }
    this.busy.delete(channel);
  }

  /** Nothing while the connection is away: `resume` starts again. */
  private next(channel: string): Pending | undefined {
    if (this.stopped || current().link.state !== 'live') return undefined;
    return waiting().find((command) => command.channel === channel);
  }

  /** False when the outcome is unknown. */
  private async deliver({ command_id, name, channel, params }: Pending): Promise<boolean> {
    try {
      const done = (await this.link.ask(name, { ...params, ...(channel && { channel }), command_id })) as Done;
      dropCommand(this.user, command_id);
      dispatch({ type: 'answered', command_id, seq: done.seq });
      this.settle(command_id, done);
      return true;
    } catch (error) {
      if (mayRetry(error as LinkError)) return false;
      this.refuse(command_id, name, sentenceOf(error));
      return true;
    }
  }

  /** A message that was refused stays on the screen with its text; any other change is taken back. */
  private refuse(id: string, name: CommandName, why: string): void {
    if (name === 'chat.send') dispatch({ type: 'refused', command_id: id, why });
    else {
      dispatch({ type: 'toast', text: why });
      this.discard(id);
    }
    this.settle(id, null);
  }

  private settle(id: string, done: Done | null): void {
    this.answers.get(id)?.(done);
    this.answers.delete(id);
  }
}

const waiting = (): readonly Pending[] => current().pending.filter((command) => command.seq === undefined && command.refused === undefined);

/** `crypto.randomUUID` is missing where the page is served over plain HTTP to another machine. */
const newCommandId = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
