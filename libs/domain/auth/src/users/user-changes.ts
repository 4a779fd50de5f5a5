import { Inject, Injectable, Optional } from '@nestjs/common';
import { CONTROL, CONTROL_CHANNEL, type Control, type User } from '@veche/contracts';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import { RedisClient, TwoLevelCache } from '@veche/platform-redis';

/** Tells every process's cache of users that what it knows, or knew to be absent, is so no more. */
@Injectable()
export class UserChanges {
  private readonly cache: TwoLevelCache<User>;

  constructor(
    @Inject(EVENT_BUS) private readonly events: EventBus,
    @Optional() redis?: RedisClient,
  ) {
    this.cache = new TwoLevelCache(redis, { name: 'users', ttlMs: 0, maxEntries: 0 });
  }

  /** After the commit, and before it is answered: whoever hears of the change finds it. Redis first, or a process would be told to read the old entry again. */
  async announce({ id, login }: Pick<User, 'id' | 'login'>): Promise<void> {
    const users = [id, login];
    await this.cache.invalidate(users);
    const control: Control = { do: 'forget', users };
    this.events.signal([{ channel: CONTROL_CHANNEL, kind: CONTROL, actor: '', data: JSON.stringify(control), meta: null }]);
  }
}
