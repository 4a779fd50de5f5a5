import { Injectable } from '@nestjs/common';
import type { ClientInfo } from '@veche/contracts';
import { PresenceStore, ServerId, Sessions } from '@veche/edge-realtime';
import type { LiveState, NodeInfo } from './observation.ts';

/** The live state of this process. Walks the sessions when asked: backends ask seldom, and sessions pay nothing for it. */
@Injectable()
export class LocalState implements LiveState {
  constructor(
    private readonly sessions: Sessions,
    private readonly store: PresenceStore,
    private readonly server: ServerId,
  ) {}

  async presence(channel: string): Promise<Readonly<Record<string, ClientInfo>>> {
    return Object.fromEntries((await this.store.list(channel)).map((info) => [info.client, info]));
  }

  async presenceStats(channel: string): Promise<{ readonly num_clients: number; readonly num_users: number }> {
    const { clients, users } = await this.store.stats(channel);
    return { num_clients: clients, num_users: users };
  }

  async channels(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const channel of this.subscribed()) counts.set(channel, (counts.get(channel) ?? 0) + 1);
    return counts;
  }

  async nodes(): Promise<readonly NodeInfo[]> {
    const live = this.sessions.all().filter(({ phase }) => phase === 'live');
    return [
      {
        uid: this.server.name,
        name: this.server.name,
        version: '0.1.0',
        num_clients: live.length,
        num_users: new Set(live.map(({ user }) => user)).size,
        num_subs: live.reduce((sum, { subscriptionCount }) => sum + subscriptionCount, 0),
        num_channels: new Set(this.subscribed()).size,
        uptime: Math.floor(process.uptime()),
      },
    ];
  }

  /** The channel of each subscription of each session. */
  private *subscribed(): Generator<string> {
    for (const session of this.sessions.all()) {
      for (let at = session.subscriptions; at !== null; at = at.next) yield at.channel;
    }
  }
}
