/** The owner loop over a real database, with handlers and a bus that tests look into and break. */
import { type ChannelEvent, command, type CommandContract, type CommandEnvelope, type Kind, type Signal } from '@veche/contracts';
import type { CommandBatch, Verdict } from '@veche/event-log';
import type { CommandHandlers, EventBus } from '@veche/platform-messaging';
import type { Database } from '@veche/platform-postgres';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { z } from 'zod';
import { EventLogTelemetry } from '../src/event-log.telemetry.ts';
import { OwnerLoop } from '../src/owner/owner-loop.ts';

export const Say = command('chat.say.v1', z.strictObject({ text: z.string().max(100) }), { creates: true });
export const Edit = command('chat.edit.v1', z.strictObject({ text: z.string() }));

export class FakeBus implements EventBus {
  readonly published: ChannelEvent[] = [];
  readonly signals: Signal[] = [];
  /** Called before each publish; a throw makes it fail. */
  beforePublish: () => void = () => undefined;

  async publish(events: readonly ChannelEvent[]): Promise<void> {
    this.beforePublish();
    this.published.push(...events);
  }
  signal(signals: readonly Signal[]): void {
    this.signals.push(...signals);
  }
  subscribe(): () => void {
    return () => undefined;
  }
}

type Decider = (batch: CommandBatch<{ text: string }>) => Promise<Verdict>;

/** Appends every command; what it says is refused, ignored or thrown is in the text. */
export const saying: Decider = async ({ commands }) => ({
  decisions: commands.map(({ envelope, channel }) => {
    const { text } = envelope.data;
    if (text === 'throw') throw new TypeError('a bug of the handler');
    if (text === 'refuse') return { refuse: 'permission_denied', message: 'not you' };
    if (text === 'same') return 'unchanged';
    if (text === 'not json') return { append: { kind: 'chat.said.v1', data: '{' } };
    return { append: { kind: 'chat.said.v1', data: JSON.stringify({ text, seen: channel.last_seq }) } };
  }),
});

export class Loop {
  readonly bus = new FakeBus();
  readonly metrics = new Metrics();
  readonly handlers: CommandHandlers = new Map();
  readonly owner: OwnerLoop;

  constructor(readonly database: Database) {
    this.handle(Say, saying);
    this.handle(Edit, saying);
    const telemetry = new EventLogTelemetry(this.metrics, Logger.silent());
    this.owner = new OwnerLoop(database, this.handlers, this.bus, telemetry);
  }

  handle(contract: CommandContract, decide: Decider): void {
    this.handlers.set(contract.kind, { contract, handle: decide as unknown as (batch: never) => Promise<unknown> });
  }

  process(batch: readonly CommandEnvelope[], attempt = 1) {
    return this.owner.process(batch, attempt);
  }
}

let minted = 0;

export const say = (channel: string, text: string, changes: Partial<CommandEnvelope> = {}): CommandEnvelope => ({
  kind: Say.kind as Kind,
  channel,
  actor: 'alice',
  command_id: `c${minted++}`,
  data: { text },
  meta: null,
  deadline: Date.now() + 60_000,
  ...changes,
});

export const edit = (channel: string, text: string, changes: Partial<CommandEnvelope> = {}): CommandEnvelope =>
  say(channel, text, { kind: Edit.kind, ...changes });
