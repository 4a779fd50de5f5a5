import { Inject, Injectable } from '@nestjs/common';
import { type ClientInfo, MAX_PAGE_BYTES, MAX_PAGE_EVENTS, parseChannel, VecheError } from '@veche/contracts';
import { EVENT_LOG, Grants, type LogReader, publication } from '@veche/edge-realtime';
import type { ParamsOf } from './api.schemas.ts';
import { matchesGlob } from './glob.rules.ts';

/** Injection token of the live state of the gateways. */
export const LIVE_STATE = Symbol('LiveState');

/** Who is connected where. One process now; a cluster's view comes behind the same port. */
export interface LiveState {
  /** Clients of a channel, by their ids. @throws VecheError `not_available` above the size bound */
  presence(channel: string): Promise<Readonly<Record<string, ClientInfo>>>;
  presenceStats(channel: string): Promise<{ readonly num_clients: number; readonly num_users: number }>;
  /** Channels with subscribers, and how many. */
  channels(): Promise<ReadonlyMap<string, number>>;
  nodes(): Promise<readonly NodeInfo[]>;
}

export interface NodeInfo {
  readonly uid: string;
  readonly name: string;
  readonly version: string;
  readonly num_clients: number;
  readonly num_users: number;
  readonly num_subs: number;
  readonly num_channels: number;
  /** Seconds. */
  readonly uptime: number;
}

/** `presence`, `presence_stats`, `channels`, `info`, `history`: what a backend may look at. Answers are JSON text. */
@Injectable()
export class Observation {
  constructor(
    @Inject(LIVE_STATE) private readonly live: LiveState,
    @Inject(EVENT_LOG) private readonly log: LogReader,
    private readonly grants: Grants,
  ) {}

  async presence({ channel }: ParamsOf<'presence'>): Promise<string> {
    await this.requirePresence(channel);
    return JSON.stringify({ presence: await this.live.presence(channel) });
  }

  async presenceStats({ channel }: ParamsOf<'presence_stats'>): Promise<string> {
    await this.requirePresence(channel);
    return JSON.stringify(await this.live.presenceStats(channel));
  }

  async channels({ pattern }: ParamsOf<'channels'>): Promise<string> {
    const all = [...(await this.live.channels())];
    const shown = pattern ? all.filter(([channel]) => matchesGlob(pattern, channel)) : all;
    return JSON.stringify({ channels: Object.fromEntries(shown.map(([channel, num_clients]) => [channel, { num_clients }])) });
  }

  async info(): Promise<string> {
    return JSON.stringify({ nodes: await this.live.nodes() });
  }

  /** Publications keep the bytes that they were published with, so the page is put together as text. */
  async history({ channel, limit, since, reverse }: ParamsOf<'history'>): Promise<string> {
    if (!(await this.options(channel)).durable) throw new VecheError('not_available', 'this channel keeps no history');
    if (reverse && since?.offset === 0) throw new VecheError('bad_request', 'in reverse nothing comes before offset 0');
    const from = since ? (reverse ? { before: since.offset } : { after: since.offset }) : reverse ? { before: Number.MAX_SAFE_INTEGER } : { after: 0 };
    const size = limit < 0 ? MAX_PAGE_EVENTS : Math.min(limit, MAX_PAGE_EVENTS);
    const page = await this.log.read(channel, { ...from, limit: Math.max(size, 1), maxBytes: MAX_PAGE_BYTES });
    if (since?.epoch && since.epoch !== page?.epoch) throw new VecheError('unrecoverable_position');
    const events = size === 0 ? [] : (page?.events ?? []);
    return `{"publications":[${(reverse ? events.toReversed() : events).map(publication).join(',')}],"offset":${page?.last_seq ?? 0},"epoch":${JSON.stringify(page?.epoch ?? '')}}`;
  }

  private async requirePresence(channel: string): Promise<void> {
    if (!(await this.options(channel)).presence) throw new VecheError('not_available', 'this channel keeps no presence');
  }

  private async options(channel: string): Promise<{ readonly durable: boolean; readonly presence: boolean }> {
    const parsed = parseChannel(channel);
    if (!parsed) throw channel ? new VecheError('unknown_channel', 'this is not a name of a channel') : new VecheError('bad_request', 'channel is missing');
    return parsed.kind === 'application' ? (await this.grants.of({ user: '', caps: [] }, channel)).options : { durable: true, presence: true };
  }
}
