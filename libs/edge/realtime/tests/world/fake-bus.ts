/** The buses of a world: a fan-out that can be told to lose, repeat and hold, an owner over the fake log, answers to requests. */
import { randomUUID } from 'node:crypto';
import {
  type ChannelEvent,
  type ChannelOptions,
  type CommandEnvelope,
  type CommandReply,
  type Grant,
  type GrantOutcomes,
  MessageSent,
  parseChannel,
  Published,
  type Signal,
  VecheError,
} from '@veche/contracts';
import type { CommandBus, EventBus, FanoutReader, RequestBus } from '@veche/platform-messaging';
import type { FakeLog } from './fake-log.ts';

export const THREAD: ChannelOptions = {
  durable: true,
  publications: 'signals',
  force_recovery: true,
  presence: true,
  join_leave: true,
  force_push_join_leave: false,
  presence_mode: 'edge',
};
const APPLICATION: ChannelOptions = {
  durable: false,
  publications: 'signals',
  force_recovery: false,
  presence: true,
  join_leave: true,
  force_push_join_leave: false,
  presence_mode: 'client',
};

/** `chat:*` keeps history and recovers, `keep:*` keeps history, anything else is signals; `secret:*` needs a token. */
function applicationOptions(namespace: string): ChannelOptions {
  if (namespace === 'chat') return { ...APPLICATION, durable: true, publications: 'events', force_recovery: true };
  if (namespace === 'keep') return { ...APPLICATION, durable: true, publications: 'events' };
  return APPLICATION;
}

interface Asks {
  readonly asks: readonly { readonly channel: string; readonly subject: { readonly user: string } }[];
}

export class FakeBus implements EventBus, CommandBus, RequestBus {
  private readonly readers = new Set<FanoutReader>();
  /** What happens to events on their way; by default they arrive. */
  fate: (event: ChannelEvent) => readonly ChannelEvent[] = (event) => [event];
  /** After how many milliseconds a signal reaches a reader, once for each number; by default once, in the next turn. */
  delays: (signal: Signal) => readonly number[] = () => [0];
  /** thread → members. */
  readonly members = new Map<string, Set<string>>();
  readonly questions: { kind: string; query: unknown }[] = [];
  readonly commands: CommandEnvelope[] = [];
  /** No service can be reached. */
  away = false;
  /** Answers of the owner wait for this. */
  gate: Promise<void> | undefined;

  constructor(private readonly log: FakeLog) {}

  async publish(events: readonly ChannelEvent[]): Promise<void> {
    const arriving = events.flatMap((event) => [...this.fate(event)]);
    for (const reader of this.readers) {
      const wanted = arriving.filter(({ channel }) => reader.wants(channel));
      if (wanted.length > 0) reader.events(wanted);
    }
  }

  signal(signals: readonly Signal[]): void {
    for (const reader of this.readers) for (const signal of signals) if (reader.wants(signal.channel)) this.carry(reader, signal);
  }

  private carry(reader: FanoutReader, signal: Signal): void {
    for (const delay of this.delays(signal)) {
      // Whoever has gone meanwhile hears nothing.
      const arrive = (): void => void (this.readers.has(reader) && reader.signals([signal]));
      if (delay === 0) setImmediate(arrive);
      else setTimeout(arrive, delay).unref();
    }
  }

  subscribe(reader: FanoutReader): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }

  interrupt(): void {
    for (const reader of this.readers) reader.interrupted();
  }

  async send(command: CommandEnvelope): Promise<CommandReply> {
    this.commands.push(command);
    if (this.away) return { ok: false, error: 'unavailable', message: 'no service can be reached' };
    await new Promise((resolve) => setImmediate(resolve));
    const data = command.data as { json?: string };
    const event = this.log.append(command.channel, {
      kind: command.kind === 'channel.publish.v1' ? Published.kind : MessageSent.kind,
      actor: command.actor,
      command_id: command.command_id,
      data: data.json ?? JSON.stringify(command.data),
      meta: command.meta,
    });
    await this.publish([event]);
    return { ok: true, id: event.id, seq: event.seq, epoch: event.epoch, ts: event.ts };
  }

  async ask(kind: string, query: unknown): Promise<unknown> {
    this.questions.push({ kind, query });
    await this.gate;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.away) throw new VecheError('unavailable', 'no service can be reached');
    const { channel = '', subject } = query as { channel?: string; subject?: { user: string } };
    if (kind === 'chat.authorize-channel.v1') return this.threadGrant(channel, subject!.user);
    if (kind === 'channel.authorize-channel.v1') return applicationGrant(channel);
    if (kind === 'chat.authorize-channels.v1' || kind === 'channel.authorize-channels.v1') return { outcomes: this.many(query as Asks) };
    if (kind === 'channel.open-channel.v1') return { epoch: this.log.open(channel).epoch, seq: this.log.open(channel).events.at(-1)?.seq ?? 0 };
    if (kind === 'auth.list-revocations.v1') return { revocations: [], last: 0 };
    if (kind === 'auth.list-keys.v1') return { keys: [] };
    if (kind === 'chat.list-threads.v1') return { threads: [], next: null };
    throw new VecheError('unavailable', `nobody answers ${kind}`);
  }

  /** Appends and tells. */
  async happen(channel: string, appending: Parameters<FakeLog['append']>[1] = {}): Promise<ChannelEvent> {
    const event = this.log.append(channel, appending);
    await this.publish([event]);
    return event;
  }

  join(thread: string, ...users: string[]): void {
    const members = this.members.get(thread) ?? new Set();
    for (const user of users) members.add(user);
    this.members.set(thread, members);
    this.log.open(thread);
  }

  private many({ asks }: Asks): GrantOutcomes['outcomes'] {
    return asks.map(({ channel, subject }) => {
      try {
        return { grant: channel.startsWith('thread:') ? this.threadGrant(channel, subject.user) : applicationGrant(channel) };
      } catch (error) {
        return { error: (error as VecheError).error, message: (error as VecheError).message };
      }
    });
  }

  private threadGrant(channel: string, user: string): Grant {
    const member = this.members.get(channel)?.has(user) ?? false;
    return { subscribe: member, publish: member, history: member, presence: member, needs_token: false, options: THREAD };
  }
}

function applicationGrant(channel: string): Grant {
  const { namespace } = parseChannel(channel)!;
  if (namespace === 'nowhere') throw new VecheError('unknown_channel');
  const open = namespace !== 'secret';
  return { subscribe: open, publish: open, history: open, presence: open, needs_token: !open, options: applicationOptions(namespace) };
}

export const commandId = (): string => randomUUID();
