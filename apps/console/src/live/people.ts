/** Names for the user ids that appear on the screen, asked for in one question per moment. */
import type { User } from '@veche/contracts';
import { current, dispatch } from '../state/store.ts';
import type { Link } from './link.ts';

const GATHER_MS = 30;
const AT_ONCE = 200;
/** Users of another token issuer are in no register. */
const STRANGER = 'Someone';

export class People {
  private readonly asked = new Set<string>();
  private wanted = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly link: Link) {}

  /** Makes the names of these users appear soon; costs nothing for those that are known. */
  want(ids: Iterable<string>): void {
    const { people } = current();
    for (const id of ids) if (!people[id] && !this.asked.has(id)) this.wanted.add(id);
    if (this.wanted.size > 0) this.timer ??= setTimeout(() => void this.ask(), GATHER_MS);
  }

  /** Users whose login or name begins so. */
  async find(prefix: string): Promise<readonly User[]> {
    const { users } = await this.link.ask('auth.users', { prefix });
    dispatch({ type: 'people', users });
    return users;
  }

  private async ask(): Promise<void> {
    this.timer = undefined;
    const ids = [...this.wanted].slice(0, AT_ONCE);
    this.wanted = new Set([...this.wanted].slice(AT_ONCE));
    for (const id of ids) this.asked.add(id);
    try {
      const { users } = await this.link.ask('auth.users', { ids });
      const found = new Set(users.map(({ id }) => id));
      const strangers = ids.filter((id) => !found.has(id)).map((id) => ({ id, login: '', name: STRANGER }));
      dispatch({ type: 'people', users: [...users, ...strangers] });
    } catch {
      // Nameless until something asks again.
      for (const id of ids) this.asked.delete(id);
    }
    this.want([]);
    if (this.wanted.size > 0) this.timer ??= setTimeout(() => void this.ask(), GATHER_MS);
  }
}
