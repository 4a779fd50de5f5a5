/** A crowd on every door at once, a load of messages, faults on the way, and the history of it all. */
import { ThreadCreated } from '@veche/contracts';
import { HistoryRecorder, hashOf, type LogRecord } from '@veche/testing';
import { CentrifugeSubscriber, type CentrifugeTransport } from './centrifuge-subscriber.ts';
import { EventSourceSubscriber } from './event-source-subscriber.ts';
import { createThread, type Person, register } from './people.ts';
import { PlainSubscriber } from './plain-subscriber.ts';
import { dumpOf } from './log-dump.ts';
import { PollSubscriber } from './poll-subscriber.ts';
import { byRest, byRpc, type Carrier, Sender } from './sender.ts';
import type { Subscriber } from './subscriber.ts';

export interface CampaignSize {
  readonly threads: number;
  /** Of the `centrifuge` clients, over its three transports in turn. */
  readonly clients: number;
  /** Of plain sockets, of EventSources and of pollers each. */
  readonly others: number;
  readonly messages: number;
  /** Sent concurrently, each one at a time. */
  readonly senders: number;
}

const TRANSPORTS: readonly CentrifugeTransport[] = ['websocket', 'http_stream', 'sse'];
const CHANNELS_PER_CLIENT = 2;

export class Campaign {
  readonly history = new HistoryRecorder();
  readonly channels: string[] = [];
  private readonly subscribers: Subscriber[] = [];
  people: readonly Person[] = [];
  private sent = 0;

  constructor(
    readonly origin: string,
    private readonly size: CampaignSize,
  ) {}

  /** Everybody is registered, in the threads and subscribed. */
  async gather(): Promise<void> {
    this.people = await inBatches(this.size.clients, (index) => register(this.origin, `person${index}`));
    await inBatches(this.size.threads, (index) => this.openThread(index));
    await Promise.all(this.crowd().map((subscriber) => (this.subscribers.push(subscriber), subscriber.start())));
  }

  /** Sends all messages; `onProgress` hears how many have been answered. */
  async run(onProgress: (answered: number) => void): Promise<void> {
    const senders = Array.from({ length: this.size.senders }, (_, index) => new Sender(`sender${index}`, this.carrier(index), this.history));
    await Promise.all(senders.map((sender, index) => this.work(sender, index, onProgress)));
  }

  /** Sends until `stop`, with a pause before each message; resolves when everything that was sent has an outcome. */
  async runUntil(stop: AbortSignal, pauseMs: number): Promise<void> {
    const senders = Array.from({ length: this.size.senders }, (_, index) => new Sender(`sender${index}`, this.carrier(index), this.history, index % 4 > 1));
    const keepSending = async (sender: Sender, index: number): Promise<void> => {
      for (let at = index; !stop.aborted; at += this.size.senders) {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        await sender.send(this.channel(at * 7 + index), `message ${at} of ${sender.name} — привет 👋`);
      }
    };
    await Promise.all(senders.map(keepSending));
  }

  /** The log as a fresh reader gets it, page by page. */
  async dump(): Promise<LogRecord[]> {
    const logs = await Promise.all(this.channels.map((channel) => dumpOf(this.origin, this.person(0).token, channel)));
    return logs.flat();
  }

  /** True once every subscriber has shown what the log ends with. @throws Error that says who has not */
  caughtUp(log: readonly LogRecord[]): boolean {
    const heads = new Map(log.map((record) => [record.channel, record.seq]));
    const behind = this.history.entries.flatMap((entry) => {
      if (entry.f !== 'start') return [];
      const [shown, head] = [this.shown(entry.process, entry.channel), heads.get(entry.channel) ?? 0];
      return shown < head ? [`${entry.process} was shown ${shown} of ${head} in ${entry.channel}`] : [];
    });
    if (behind.length > 0) throw new Error(behind.join('; '));
    return true;
  }

  async disperse(): Promise<void> {
    await Promise.all(this.subscribers.map((subscriber) => subscriber.stop()));
  }

  private shown(name: string, channel: string): number {
    return this.subscribers.find((subscriber) => subscriber.name === name)?.shown(channel) ?? 0;
  }

  private async openThread(index: number): Promise<void> {
    const owner = this.person(index);
    const made = await createThread(
      this.origin,
      owner,
      `thread ${index}`,
      this.people.filter((person) => person !== owner),
    );
    this.channels[index] = made.channel;
    const entry = { f: 'send', process: owner.login, channel: made.channel, command_id: made.command_id } as const;
    this.history.add({ ...entry, type: 'invoke', hash: hashOf(ThreadCreated.kind) });
    this.history.add({ ...entry, type: 'ok', seq: made.seq });
  }

  private crowd(): Subscriber[] {
    const clients = this.people.map((person, index) => {
      const transport = TRANSPORTS[index % TRANSPORTS.length] ?? 'websocket';
      return new CentrifugeSubscriber(`${transport}${index}`, transport, this.origin, person.token, this.someChannels(index), this.history);
    });
    const others = Array.from({ length: this.size.others }, (_, index) => this.othersOf(index)).flat();
    return [...clients, ...others];
  }

  private othersOf(index: number): Subscriber[] {
    const { token } = this.person(index);
    const channel = this.channel(index);
    return [
      new PlainSubscriber(`plain${index}`, this.origin, token, this.someChannels(index), this.history),
      new EventSourceSubscriber(`event-source${index}`, this.origin, token, channel, this.history),
      new PollSubscriber(`poll${index}`, this.origin, token, channel, this.history),
    ];
  }

  private someChannels(index: number): string[] {
    return Array.from({ length: CHANNELS_PER_CLIENT }, (_, at) => this.channel(index * CHANNELS_PER_CLIENT + at));
  }

  /** Half of the senders use the socket of a subscriber, half REST. */
  private carrier(index: number): Carrier {
    const subscriber = this.subscribers[index];
    return index % 2 === 0 && subscriber instanceof CentrifugeSubscriber ? byRpc(subscriber.client) : byRest(this.origin, this.person(index));
  }

  private async work(sender: Sender, index: number, onProgress: (answered: number) => void): Promise<void> {
    for (let at = index; at < this.size.messages; at += this.size.senders) {
      await sender.send(this.channel(at * 7 + index), `message ${at} of ${sender.name} — привет 👋`);
      onProgress(++this.sent);
    }
  }

  /** Threads that somebody else has made with this person in them. */
  addedTo(person: Person): string[] {
    return this.channels.filter((_, index) => this.person(index) !== person);
  }

  person(index: number): Person {
    return this.people[index % this.people.length] as Person;
  }

  channel(index: number): string {
    return this.channels[index % this.channels.length] as string;
  }
}

/** Registering costs a password hash each: a few at a time keep the server answering. */
async function inBatches<T>(count: number, make: (index: number) => Promise<T>, width = 8): Promise<T[]> {
  const made: T[] = [];
  for (let at = 0; at < count; at += width)
    made.push(...(await Promise.all(Array.from({ length: Math.min(width, count - at) }, (_, offset) => make(at + offset)))));
  return made;
}
