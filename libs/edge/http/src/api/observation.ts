import { Injectable } from '@nestjs/common';
import { type Grant, isChannelName, parseChannel, VecheError } from '@veche/contracts';
import { Cluster, Grants, History, Presence, publication } from '@veche/edge-realtime';
import type { ParamsOf } from './api.schemas.ts';

/**
 * `presence`, `presence_stats`, `channels`, `info`, `connections`, `history`: what a backend may look at. Answers are JSON text. Of the whole cluster; where a
 * process has not answered in time `incomplete: true` stands beside what the others have said.
 */
@Injectable()
export class Observation {
  constructor(
    private readonly cluster: Cluster,
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

  async channels({ pattern }: ParamsOf<'channels'>): Promise<string> {
    const { found, complete } = await this.cluster.channels(pattern);
    const channels = Object.fromEntries([...found].map(([channel, num_clients]) => [channel, { num_clients }]));
    return JSON.stringify({ channels, ...incomplete(complete) });
  }

  async info(): Promise<string> {
    const { found, complete } = await this.cluster.nodes();
    return JSON.stringify({ nodes: found, ...incomplete(complete) });
  }

  async connections({ user }: ParamsOf<'connections'>): Promise<string> {
    if (!user) throw new VecheError('bad_request', 'user is missing');
    const { found, complete } = await this.cluster.sessions(user);
    const connections = found.map(({ client, channels, ...session }) => [
      client,
      { ...session, protocol: 'json', state: { channels: Object.fromEntries(channels.map((channel) => [channel, {}])) } },
    ]);
    return JSON.stringify({ connections: Object.fromEntries(connections), ...incomplete(complete) });
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

const incomplete = (complete: boolean): { readonly incomplete?: true } => (complete ? {} : { incomplete: true });
