import { Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { sourceEvent, sourceEventOfMany } from '../delivery/documents.ts';
import { SOURCE, SOURCE_OF_MANY } from '../delivery/variants.ts';
import type { Connection, Peer, StreamRequest, Transport } from '../door.ts';
import { Admittance } from '../session/admittance.ts';
import { Lifecycle } from '../session/lifecycle.ts';
import type { Session } from '../session/session.ts';
import { Subscriber } from '../subscribe/subscriber.ts';
import { type Joined, type Prepared, requirePrepared } from '../subscribe/wish.ts';
import { Cursors } from './cursors.ts';
import { SourceLanguage } from './source-language.ts';

/** Opens EventSource sessions: everything is decided before a byte is written, so that an error can still be a status. */
@Injectable()
export class Sources {
  // allowed: size: one for each step of opening a source
  constructor(
    private readonly language: SourceLanguage,
    private readonly lifecycle: Lifecycle,
    private readonly admittance: Admittance,
    private readonly subscriber: Subscriber,
    private readonly cursors: Cursors,
  ) {}

  /** @throws VecheError before anything was written. */
  async open(transport: Transport, peer: Peer, token: string | undefined, requests: readonly StreamRequest[]): Promise<Connection> {
    const many = requests.length > 1;
    this.lifecycle.requireRoom();
    const session = this.lifecycle.open(transport, peer, this.language, many ? SOURCE_OF_MANY : SOURCE);
    try {
      session.phase = 'authenticating';
      session.identity = await this.admittance.identify(session, token ?? '');
      const prepared = await this.prepare(session, requests);
      if (session.phase !== 'authenticating' || !this.admittance.enter(session)) throw new VecheError('unavailable', 'the session has ended');
      requirePrepared(prepared);
      this.greet(session, prepared, many);
      return session;
    } catch (error) {
      session.gone();
      throw this.admittance.explain(error);
    }
  }

  private async prepare(session: Session, requests: readonly StreamRequest[]): Promise<Prepared[]> {
    if (requests.length === 0) throw new VecheError('bad_request', 'name at least one channel');
    // A browser hears of nothing but messages: a lost position ends the stream, and it comes back with its cursor.
    const settled = await Promise.allSettled(
      requests.map(({ channel, after }) => this.subscriber.prepare(session, { channel, recover: after, recoverable: true, essential: true })),
    );
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return settled.map((result) => (result as PromiseFulfilledResult<Prepared>).value);
  }

  /** Where each channel stands, then what was missed. */
  private greet(session: Session, prepared: readonly Prepared[], many: boolean): void {
    const events: string[] = [];
    for (const one of prepared) {
      const joined = this.subscriber.commit(one);
      session.send(this.greeting(one.subscription.channel, joined, many));
      events.push(...joined.publications.map(many ? sourceEventOfMany : sourceEvent));
    }
    for (const event of events) session.send(event);
    if (many) this.cursors.add(session);
  }

  /** With an id, so that a client that is cut before its first event comes back to this place. */
  private greeting(channel: string, { epoch, offset, lost }: Joined, many: boolean): string {
    const id = many || epoch === '' ? '' : `id: ${epoch}:${offset}\n`;
    return `${id}event: joined\ndata: ${JSON.stringify({ channel, epoch, seq: offset, recovered: !lost })}\n\n`;
  }
}
