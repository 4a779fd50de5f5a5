import { Injectable } from '@nestjs/common';
import { type Grant, isChannelName, parseChannel, VecheError } from '@veche/contracts';
import { Grants, History, Presence, publication } from '@veche/edge-realtime';
import type { ParamsOf } from './api.schemas.ts';
import { matchesGlob } from './glob.rules.ts';
import { LiveState } from './live-state.ts';

/** `presence`, `presence_stats`, `channels`, `info`, `history`: what a backend may look at. Answers are JSON text. */
@Injectable()
export class Observation {
  constructor(
    private readonly live: LiveState,
    private readonly present: Presence,
    private readonly log: History,
    private readonly grants: Grants,
  ) {}

  async presence({ channel }: ParamsOf<'presence'>): Promise<string> {
    const clients = await this.present.list(channel, await this.grant(channel));
    return JSON.stringify({ presence: Object.fromEntries(clients.map((info) => [info.client, info])) });
  }

  async presenceStats({ channel }: ParamsOf<'presence_stats'>): Promise<string> {
    const { clients, users } = await this.present.stats(channel, await this.grant(channel));
    return JSON.stringify({ num_clients: clients, num_users: users });
  }

  channels({ pattern }: ParamsOf<'channels'>): string {
    const all = [...this.live.channels()];
    const shown = pattern ? all.filter(([channel]) => matchesGlob(pattern, channel)) : all;
    return JSON.stringify({ channels: Object.fromEntries(shown.map(([channel, num_clients]) => [channel, { num_clients }])) });
  }

  info(): string {
    return JSON.stringify({ nodes: this.live.nodes() });
  }

  /** Publications keep the bytes that they were published with, so the page is put together as text. */
  async history({ channel, limit, since, reverse }: ParamsOf<'history'>): Promise<string> {
    const position = since && { epoch: since.epoch, seq: since.offset };
    const page = await this.log.page(channel, await this.grant(channel), { limit, since: position, reverse });
    return `{"publications":[${page.publications.map(publication).join(',')}],"offset":${page.offset},"epoch":${JSON.stringify(page.epoch)}}`;
  }

  /** How the channel behaves; a backend's rights come from its key, so those in the grant are not looked at. */
  private async grant(channel: string): Promise<Grant> {
    if (!channel) throw new VecheError('bad_request', 'channel is missing');
    if (!isChannelName(channel)) throw new VecheError('unknown_channel', 'this is not a name of a channel');
    // An inbox is granted to its own user only, and to its services.
    const { kind, id } = parseChannel(channel)!;
    return this.grants.of({ user: kind === 'user' ? id : '', caps: [] }, channel);
  }
}
