/** What the person was told of: a page of the list at each connect, then the events of their own channel. */
import { isAboutNotices, type InboxEvent } from '../state/notices.rules.ts';
import { current, dispatch } from '../state/store.ts';
import type { Link } from './link.ts';

const PAGE = 50;

export class Notices {
  constructor(private readonly link: Link) {
    link.client.on('publication', ({ data }) => {
      const event = data as InboxEvent;
      if (isAboutNotices(event.kind)) dispatch({ type: 'noticed', event });
    });
  }

  async load(): Promise<void> {
    try {
      dispatch({ type: 'notices', page: await this.link.ask('notification.list', { limit: PAGE }) });
    } catch {
      // The badge stays as it is; live events and the next connect correct it.
    }
  }

  /** What is read comes back as an event, here and on the other devices. */
  read = (notice_id: string): void => void this.link.ask('notification.read', { notice_id }).catch(() => undefined);

  /** Those that were seen, not those that are under way. */
  readAll = (): void => void this.link.ask('notification.read_all', { through: current().notices.seq }).catch(() => undefined);
}
