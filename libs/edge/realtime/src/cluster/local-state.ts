import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DescribeNode, ListChannels, ListSessions, type NodeInfo, type SessionInfo } from '@veche/contracts';
import { Channels } from '../hub/channels.ts';
import { CallServer } from '../node/index.ts';
import { ServerId } from '../server-id.ts';
import { Sessions } from '../session/sessions.ts';
import { subscriptionsOf } from '../session/subscriptions.ts';
import { matchesGlob } from './glob.rules.ts';

/** What this process says of its own sessions when any of the edge asks. */
@Injectable()
export class LocalState implements OnModuleInit {
  constructor(
    private readonly served: CallServer,
    private readonly active: Channels,
    private readonly sessions: Sessions,
    private readonly server: ServerId,
  ) {}

  onModuleInit(): void {
    this.served.serve(ListChannels, ({ pattern }) => ({ channels: [...this.channels(pattern)] }));
    this.served.serve(DescribeNode, () => this.describe());
    this.served.serve(ListSessions, ({ user }) => ({ sessions: this.sessionsOf(user) }));
  }

  /** Channels with subscribers, and how many. Walks all of them. */
  private *channels(pattern = ''): Iterable<readonly [string, number]> {
    for (const { name, groups } of this.active.values()) if (groups.size > 0 && (pattern === '' || matchesGlob(pattern, name))) yield [name, groups.size];
  }

  private describe(): NodeInfo {
    const live = this.sessions.all().filter(({ phase }) => phase === 'live');
    const counts = [...this.channels()].map(([, count]) => count);
    return {
      uid: this.server.node,
      name: this.server.name,
      version: '',
      num_clients: live.length,
      num_users: new Set(live.map(({ user }) => user)).size,
      num_subs: counts.reduce((sum, count) => sum + count, 0),
      num_channels: counts.length,
      uptime: Math.floor(process.uptime()),
    };
  }

  private sessionsOf(user: string): SessionInfo[] {
    return this.sessions
      .of(user)
      .filter(({ phase }) => phase === 'live')
      .map((session) => ({
        client: session.client,
        user: session.user,
        transport: session.transport.door,
        channels: [...subscriptionsOf(session)].map(({ channel }) => channel),
      }));
  }
}
