import type { ClientInfo } from '@veche/contracts';
import type { MemoryPresence } from './memory-presence.ts';
import type { PresenceRegister } from './presence-register.ts';
import { type PresenceStats, PresenceStore } from './presence-store.ts';

/**
 * Over all processes: what this one knows itself comes from its own memory, the others' from Redis. Without Redis, and until all have
 * written their part after it was flushed, who is elsewhere is unknown: lists are shorter than they should be, never empty of our own.
 */
export class SharedPresence extends PresenceStore {
  constructor(
    private readonly memory: MemoryPresence,
    private readonly register: PresenceRegister,
  ) {
    super();
    register.sources.push(() => memory.entries());
  }

  async add(channel: string, info: ClientInfo): Promise<void> {
    await this.memory.add(channel, info);
    this.register.push({ sign: '+', space: 'clients', channel, id: info.client, info });
  }

  async remove(channel: string, client: string): Promise<void> {
    const info = this.memory.get(channel, client);
    if (!info) return;
    await this.memory.remove(channel, client);
    this.register.push({ sign: '-', space: 'clients', channel, id: client, info });
  }

  async list(channel: string): Promise<readonly ClientInfo[]> {
    const [own, others] = [await this.memory.list(channel), await this.register.listed(channel)];
    // By client: while a process writes its part again, the old one is still there.
    return others?.length ? [...new Map([...others, ...own].map((info) => [info.client, info])).values()] : own;
  }

  async stats(channel: string): Promise<PresenceStats> {
    const [own, all] = [await this.memory.stats(channel), await this.register.counts(channel)];
    return { clients: Math.max(own.clients, all?.clients ?? 0), users: Math.max(own.users, all?.users ?? 0) };
  }
}
