import { Injectable } from '@nestjs/common';
import type { ClientInfo } from '@veche/contracts';
import type { Entry } from './presence-register.ts';
import { type PresenceStats, PresenceStore } from './presence-store.ts';

/** For one process. */
@Injectable()
export class MemoryPresence extends PresenceStore {
  private readonly channels = new Map<string, Map<string, ClientInfo>>();

  async add(channel: string, info: ClientInfo): Promise<void> {
    const present = this.channels.get(channel);
    if (present) present.set(info.client, info);
    else this.channels.set(channel, new Map([[info.client, info]]));
  }

  async remove(channel: string, client: string): Promise<void> {
    const present = this.channels.get(channel);
    if (present?.delete(client) && present.size === 0) this.channels.delete(channel);
  }

  get(channel: string, client: string): ClientInfo | undefined {
    return this.channels.get(channel)?.get(client);
  }

  *entries(): Generator<Entry> {
    for (const [channel, present] of this.channels) for (const info of present.values()) yield { space: 'clients', channel, id: info.client, info };
  }

  async list(channel: string): Promise<readonly ClientInfo[]> {
    return [...(this.channels.get(channel)?.values() ?? [])];
  }

  async stats(channel: string): Promise<PresenceStats> {
    const present = this.channels.get(channel);
    if (!present) return { clients: 0, users: 0 };
    return { clients: present.size, users: new Set([...present.values()].map(({ user }) => user)).size };
  }
}
