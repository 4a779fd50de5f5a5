import { Injectable } from '@nestjs/common';
import { formatCursor, MAX_SUBSCRIPTIONS, parseChannel, VecheError } from '@veche/contracts';
import type { LogPage } from '@veche/event-log';
import { TokenVerifier } from '../auth/index.ts';
import { eventJson } from '../delivery/documents.ts';
import type { Peer, StreamRequest } from '../door.ts';
import type { PolledChannel, PollPage } from '../doors.ts';
import { Grants } from '../grants/grants.ts';
import { formatPositions } from '../http/positions.rules.ts';
import { Channels } from '../hub/channels.ts';
import { LogReads } from '../hub/log-reads.ts';
import { Positions } from '../hub/positions.ts';

/** Answers a poll: no session, nothing is kept. */
@Injectable()
export class Poll {
  // allowed: size: a poll goes the whole way of a session in one answer
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly grants: Grants,
    private readonly channels: Channels,
    private readonly positions: Positions,
    private readonly reads: LogReads,
  ) {}

  /** @throws VecheError */
  async page(peer: Peer, token: string | undefined, requests: readonly StreamRequest[]): Promise<PollPage> {
    if (requests.length === 0) throw new VecheError('bad_request', 'name at least one channel');
    if (requests.length > MAX_SUBSCRIPTIONS) throw new VecheError('limit_exceeded', `at most ${MAX_SUBSCRIPTIONS} channels in one poll`);
    const credential = token ?? peer.token;
    const identity = credential ? await this.tokens.verify(credential) : this.tokens.anonymous();
    const channels = await Promise.all(requests.map((request) => this.one(identity, request)));
    const [only] = channels;
    return { channels, cursor: channels.length === 1 ? formatCursor(only!) : formatPositions(channels) };
  }

  private async one(subject: Parameters<Grants['of']>[0], { channel, after }: StreamRequest): Promise<PolledChannel> {
    if (!parseChannel(channel)) throw new VecheError('bad_request', 'not the name of a channel');
    const grant = await this.grants.require(subject, channel, 'subscribe');
    // Everything that a poll brings was said before it asked.
    if (after && !grant.options.force_recovery && !grant.when_subscribed?.includes('history')) await this.grants.require(subject, channel, 'history');
    if (!grant.options.durable) throw new VecheError('not_available', `${channel} keeps no history: it can be listened to, not polled`);
    const top = await this.top(channel, after?.seq ?? 0);
    const lost = after && ((after.epoch !== '' && after.epoch !== top.epoch) || after.seq > top.seq);
    if (!after || lost || after.seq === top.seq) return { channel, ...top, recovered: !lost, more: false, events: [] };
    const page = await this.reads.after(channel, after.seq, { atLeast: top.seq, kept: grant.options.kept });
    if (page) await this.grants.confirm(subject, { channel, events: page.events }, 'subscribe');
    return polled(channel, after.seq, top, page);
  }

  /**
   * A channel that somebody here listens to is known without a read; a tail that the fan-out lost is found within seconds.
   * @param seen the client may have seen it through another process, before the fan-out has brought it here
   */
  private async top(channel: string, seen: number): Promise<{ readonly epoch: string; readonly seq: number }> {
    const state = this.channels.get(channel);
    if (state && !state.opening && !state.gone && state.epoch !== '' && state.last >= seen) return { epoch: state.epoch, seq: state.last };
    const position = await this.positions.of(channel);
    return { epoch: position?.epoch ?? '', seq: position?.seq ?? 0 };
  }
}

function polled(channel: string, after: number, top: { readonly epoch: string; readonly seq: number }, page: LogPage | undefined): PolledChannel {
  if (!page || page.epoch !== top.epoch || page.first_seq > after + 1) return { channel, ...top, recovered: false, more: false, events: [] };
  const seq = page.events.at(-1)?.seq ?? after;
  return { channel, epoch: page.epoch, seq, recovered: true, more: seq < page.last_seq, events: page.events.map(eventJson) };
}
