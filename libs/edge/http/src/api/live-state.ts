import { Injectable } from '@nestjs/common';
import { Channels, ServerId, Sessions } from '@veche/edge-realtime';

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

/** Who is connected to this process and where they listen. A cluster's view will ask every gateway and add up these. */
@Injectable()
export class LiveState {
  constructor(
    private readonly active: Channels,
    private readonly sessions: Sessions,
    private readonly server: ServerId,
  ) {}

  /** Channels with subscribers, and how many. Walks all of them. */
  channels(): ReadonlyMap<string, number> {
    return new Map([...this.active.values()].flatMap(({ name, groups }) => (groups.size > 0 ? [[name, groups.size] as const] : [])));
  }

  nodes(): readonly NodeInfo[] {
    const sessions = this.sessions.all().filter(({ phase }) => phase === 'live');
    const channels = this.channels();
    return [
      {
        uid: this.server.name,
        name: this.server.name,
        version: '',
        num_clients: sessions.length,
        num_users: new Set(sessions.map(({ user }) => user)).size,
        num_subs: [...channels.values()].reduce((sum, count) => sum + count, 0),
        num_channels: channels.size,
        uptime: Math.floor(process.uptime()),
      },
    ];
  }
}
