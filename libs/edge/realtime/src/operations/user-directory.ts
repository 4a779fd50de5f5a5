import { Inject, Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { CONTROL, CONTROL_CHANNEL, type Control, FindUsers, type Signal, type User } from '@veche/contracts';
import { ask, REQUEST_BUS, type RequestBus } from '@veche/platform-messaging';
import { RedisClient, TwoLevelCache } from '@veche/platform-redis';
import { Hub } from '../hub/hub.ts';
import { type OperationsConfig, operationsConfig } from './operations.config.ts';

/** Some 200 bytes each. */
const MAX_USERS = 50_000;
/** A name that nobody has is not asked for again at once, whoever tries. */
const ABSENT_MS = 2_000;
/** Logins have at most so many characters; anything longer can only be an id. */
const MAX_LOGIN = 64;

/** Who a name is: an id or a login. Remembered by this process and by Redis for all; it says who somebody is, never what they may. */
@Injectable()
export class UserDirectory implements OnModuleInit {
  private readonly cache: TwoLevelCache<User>;

  constructor(
    @Inject(REQUEST_BUS) private readonly requests: RequestBus,
    @Inject(operationsConfig.token) config: Pick<OperationsConfig, 'OPERATIONS_USERS_CACHE_MS'>,
    @Optional() private readonly hub?: Hub,
    @Optional() redis?: RedisClient,
  ) {
    this.cache = new TwoLevelCache(redis, { name: 'users', ttlMs: config.OPERATIONS_USERS_CACHE_MS, absentMs: ABSENT_MS, maxEntries: MAX_USERS });
  }

  onModuleInit(): void {
    this.hub?.listen(CONTROL_CHANNEL, (signal) => this.hear(signal));
    this.hub?.onInterrupted(() => this.cache.clear());
  }

  /** Users by the names that are theirs; an unknown name is absent. @throws VecheError of the auth service */
  named(names: readonly string[]): Promise<ReadonlyMap<string, User>> {
    return this.cache.get(names, (missing) => this.load(missing));
  }

  private async load(names: readonly string[]): Promise<ReadonlyMap<string, User>> {
    const logins = names.filter((name) => name.length <= MAX_LOGIN).map((name) => name.toLowerCase());
    const { users } = await ask(this.requests, FindUsers, { ids: [...names], logins });
    const byId = new Map(users.map((user) => [user.id, user]));
    const byLogin = new Map(users.map((user) => [user.login, user]));
    // An id goes before a login: nobody can take another's place by choosing a login that looks like an id.
    return new Map(names.flatMap((name) => entryOf(name, byId.get(name) ?? byLogin.get(name.toLowerCase()))));
  }

  private hear({ kind, data }: Signal): void {
    if (kind !== CONTROL) return;
    const control = JSON.parse(data) as Control;
    if (control.do === 'forget') this.cache.drop(control.users);
  }
}

const entryOf = (name: string, user: User | undefined): [string, User][] => (user === undefined ? [] : [[name, user]]);
