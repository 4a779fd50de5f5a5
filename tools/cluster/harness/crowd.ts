/** Hundreds of live sockets of the unmodified client, a steady load of messages, and the history of both. */
import { checkHistory, eventually, HistoryRecorder, type LogRecord, type Verdict } from '@veche/testing';
import { CentrifugeSubscriber } from '../../../apps/e2e/src/centrifuge-subscriber.ts';
import { dumpOf } from '../../../apps/e2e/src/log-dump.ts';
import { type Person, register } from '../../../apps/e2e/src/people.ts';
import { byRest, Sender } from '../../../apps/e2e/src/sender.ts';
import { Reconnects } from './reconnects.ts';
import { openThread } from './threads.ts';

export interface CrowdSize {
  readonly people: number;
  readonly threads: number;
  /** Shared out among the people; each follows one thread from its first event on. */
  readonly sockets: number;
  readonly messagesPerSecond: number;
}

export class Crowd {
  readonly history = new HistoryRecorder();
  readonly reconnects = new Reconnects();
  private readonly sockets: CentrifugeSubscriber[] = [];
  private readonly people: Person[] = [];
  private readonly channels: string[] = [];
  private stopLoad = new AbortController();
  private load: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly origin: string,
    readonly size: CrowdSize,
  ) {}

  /** Everybody is registered, in every thread, and every socket is subscribed. */
  async gather(): Promise<void> {
    for (let index = 0; index < this.size.people; index++) this.people.push(await register(this.origin, `person${index}`));
    for (let index = 0; index < this.size.threads; index++) this.channels.push(await this.openThread(this.personOf(index)));
    for (let index = 0; index < this.size.sockets; index++) this.sockets.push(this.socket(index));
    await Promise.all(this.sockets.map((socket) => socket.start()));
    for (const { client } of this.sockets) this.reconnects.watch(client);
  }

  /** From now on, until `rest`, people send: each the next when the last was answered, and the same again until it is. */
  startLoad(): void {
    this.stopLoad = new AbortController();
    const pauseMs = (1000 * this.people.length) / this.size.messagesPerSecond;
    this.load = Promise.all(this.people.map((person, index) => this.keepSending(person, index, pauseMs)));
  }

  /** Longest time between two answers. @param after so many of them */
  longestSilenceMs(after: number): number {
    const times = this.history.entries
      .filter((entry) => entry.f === 'send' && entry.type === 'ok')
      .map(({ t }) => t)
      .slice(after);
    return times.reduce((longest, time, index) => Math.max(longest, time - (times[index - 1] ?? time)), 0);
  }

  /** Nobody sends any more; resolves when all that was sent has an outcome. */
  async rest(): Promise<void> {
    this.stopLoad.abort();
    await this.load;
  }

  /** Resolves when every socket is connected. */
  complete(): Promise<unknown> {
    const everybody = (): boolean => this.sockets.every(({ client }) => client.state === 'connected');
    return eventually(everybody, { timeoutMs: 90_000, what: 'everybody is connected again' });
  }

  get answered(): number {
    return this.history.entries.reduce((sum, entry) => sum + (entry.f === 'send' && entry.type === 'ok' ? 1 : 0), 0);
  }

  /** The end: nobody sends, every socket has seen the end of its log, and the checker says whether anything was lost, came twice or broke a cursor (S1 to S10). */
  async conclude(): Promise<Verdict> {
    const log = await this.settle();
    await eventually(() => this.caughtUp(log), { timeoutMs: 60_000, what: 'every socket has seen the end of its log' });
    const verdict = checkHistory({ entries: this.history.entries, log });
    console.log(`of ${verdict.counts.logged} events: ${verdict.counts.shown} shown to ${this.sockets.length} sockets, ${verdict.violations.length} violations`);
    return verdict;
  }

  async disperse(): Promise<void> {
    this.stopLoad.abort();
    this.reconnects.end();
    await Promise.all(this.sockets.map((socket) => socket.stop()));
  }

  /** `rest`, then the log as a fresh reader gets it. */
  private async settle(): Promise<LogRecord[]> {
    await this.rest();
    const reader = this.people[0] as Person;
    return (await Promise.all(this.channels.map((channel) => dumpOf(this.origin, reader.token, channel)))).flat();
  }

  /** True once every socket has shown what the log ends with. */
  private caughtUp(log: readonly LogRecord[]): boolean {
    const heads = new Map(log.map(({ channel, seq }) => [channel, seq]));
    return this.sockets.every((socket, index) => socket.shown(this.channelOf(index)) >= (heads.get(this.channelOf(index)) ?? 0));
  }

  private channelOf(index: number): string {
    return this.channels[index % this.channels.length] as string;
  }

  private personOf(index: number): Person {
    return this.people[index % this.people.length] as Person;
  }

  private openThread(owner: Person): Promise<string> {
    const others = this.people.filter((person) => person !== owner);
    return openThread(this.origin, owner, others, this.history);
  }

  private socket(index: number): CentrifugeSubscriber {
    return new CentrifugeSubscriber(`socket${index}`, 'websocket', this.origin, this.personOf(index).token, [this.channelOf(index)], this.history);
  }

  private async keepSending(person: Person, index: number, pauseMs: number): Promise<void> {
    const sender = new Sender(`sender${index}`, byRest(this.origin, person), this.history);
    for (let at = 0; !this.stopLoad.signal.aborted; at++) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())));
      await sender.send(this.channelOf(at * 7 + index), `message ${at} of ${person.login} — привет 👋`);
    }
  }
}
