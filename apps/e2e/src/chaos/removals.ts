/** Members who are removed while they watch (S11): each has a thread of its own in which messages go on afterwards. */
import { MemberRemoved, ThreadCreated } from '@veche/contracts';
import { hashOf, type HistoryRecorder, type LogRecord } from '@veche/testing';
import { CentrifugeSubscriber, type CentrifugeTransport } from '../centrifuge-subscriber.ts';
import { dumpOf } from '../log-dump.ts';
import { call, createThread, type Person } from '../people.ts';
import { PlainSubscriber } from '../plain-subscriber.ts';
import { byRest, type Carrier, Sender } from '../sender.ts';
import type { Subscriber } from '../subscriber.ts';

const TRANSPORTS: readonly (CentrifugeTransport | 'plain')[] = ['websocket', 'http_stream', 'sse', 'plain'];
const PAUSE_MS = 150;

interface Case {
  readonly channel: string;
  readonly watcher: Subscriber;
  readonly sender: Sender;
  readonly remover: Sender;
}

export class Removals {
  private cases: Case[] = [];

  constructor(
    private readonly origin: string,
    private readonly owner: Person,
    private readonly people: readonly Person[],
    private readonly history: HistoryRecorder,
  ) {}

  /** Every watcher follows its thread from the beginning. */
  async gather(): Promise<void> {
    this.cases = await Promise.all(TRANSPORTS.map((transport, index) => this.open(transport, this.people[index] as Person)));
    await Promise.all(this.cases.map(({ watcher }) => watcher.start()));
  }

  /** Removes one watcher after the other while messages go on; the last goes well before the end. */
  async run(stop: AbortSignal, totalMs: number): Promise<void> {
    await Promise.all(this.cases.map((one, index) => this.live(one, stop, ((index + 1) * totalMs) / (this.cases.length + 2))));
  }

  async dump(): Promise<LogRecord[]> {
    return (await Promise.all(this.cases.map(({ channel }) => dumpOf(this.origin, this.owner.token, channel)))).flat();
  }

  async disperse(): Promise<void> {
    await Promise.all(this.cases.map(({ watcher }) => watcher.stop()));
  }

  private async live({ channel, watcher, sender, remover }: Case, stop: AbortSignal, removeAfterMs: number): Promise<void> {
    const removeAt = performance.now() + removeAfterMs;
    let removed = false;
    for (let number = 0; !stop.aborted; number++) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      await sender.send(channel, `before a watcher ${number} of ${sender.name}`);
      if (removed || performance.now() < removeAt) continue;
      removed = true;
      const seq = await remover.send(channel, MemberRemoved.kind);
      if (seq !== undefined) this.history.add({ f: 'revoke', process: watcher.name, channel, seq });
    }
  }

  private async open(transport: CentrifugeTransport | 'plain', person: Person): Promise<Case> {
    const { channel, command_id, seq } = await createThread(this.origin, this.owner, `watched by ${transport}`, [person]);
    const entry = { f: 'send', process: this.owner.login, channel, command_id } as const;
    this.history.add({ ...entry, type: 'invoke', hash: hashOf(ThreadCreated.kind) });
    this.history.add({ ...entry, type: 'ok', seq });
    const name = `watcher-${transport}`;
    return {
      channel,
      watcher:
        transport === 'plain'
          ? new PlainSubscriber(name, this.origin, person.token, [channel], this.history)
          : new CentrifugeSubscriber(name, transport, this.origin, person.token, [channel], this.history),
      sender: new Sender(`owner-${transport}`, byRest(this.origin, this.owner), this.history),
      remover: new Sender(`remover-${transport}`, this.removal(person), this.history),
    };
  }

  private removal(person: Person): Carrier {
    return async (channel, commandId) => {
      const path = `/chat/threads/${channel.slice('thread:'.length)}/members/${person.id}`;
      const { status, body } = await call<{ seq: number }>(this.origin, 'DELETE', path, { token: this.owner.token, headers: { 'idempotency-key': commandId } });
      if (status === 200) return { seq: body.seq };
      return status >= 500 || status === 429 ? 'unknown' : 'fail';
    };
  }
}
