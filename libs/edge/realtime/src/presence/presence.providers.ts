import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy, type Provider } from '@nestjs/common';
import { RedisClient } from '@veche/platform-redis';
import { Announcer } from './announcer.ts';
import { Edges } from './edges.ts';
import { MemoryPresence } from './memory-presence.ts';
import { Presence } from './presence.ts';
import { PresenceRegister } from './presence-register.ts';
import { PresenceStore } from './presence-store.ts';
import { SharedPresence } from './shared-presence.ts';
import { SharedTransitions, Transitions } from './transitions.ts';

/** The register of this process, where processes share Redis. */
@Injectable()
class PresenceLifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  readonly register: PresenceRegister | undefined;

  constructor(redis?: RedisClient) {
    this.register = redis?.enabled ? new PresenceRegister(redis) : undefined;
  }

  onApplicationBootstrap(): void {
    this.register?.start();
  }

  /** Before Redis is closed. */
  async onModuleDestroy(): Promise<void> {
    await this.register?.stop();
  }
}

export const presenceProviders: Provider[] = [
  Presence,
  Announcer,
  Edges,
  { provide: PresenceLifecycle, inject: [{ token: RedisClient, optional: true }], useFactory: (redis?: RedisClient) => new PresenceLifecycle(redis) },
  {
    provide: PresenceStore,
    inject: [PresenceLifecycle],
    useFactory: ({ register }: PresenceLifecycle) => (register ? new SharedPresence(new MemoryPresence(), register) : new MemoryPresence()),
  },
  {
    provide: Transitions,
    inject: [PresenceLifecycle],
    useFactory: ({ register }: PresenceLifecycle) => (register ? new SharedTransitions(register) : new Transitions()),
  },
];
