import type { Notice } from '@veche/contracts';
import { useEffect } from 'preact/hooks';
import { Avatar } from '../parts/avatar.tsx';
import { useConsole, useNames } from '../parts/context.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { shortMoment } from '../parts/time.ts';
import type { State } from '../state/model.ts';
import { type Notices, sentenceFor } from '../state/notices.rules.ts';
import { useStore } from '../state/store.ts';

const noticesOf = (state: State): Notices => state.notices;
const unreadOf = (state: State): number => state.notices.unread;
const threadsOf = (state: State): State['threads'] => state.threads;

export function NoticeButton({ onClick }: { onClick: () => void }) {
  const unread = useStore(unreadOf);
  return (
    <button type="button" class="notices-button" onClick={onClick} aria-label={unread > 0 ? `Notices, ${unread} unread` : 'Notices'} title="Notices">
      <Icon name="bell" />
      {unread > 0 && <span class="badge">{unread > 99 ? '99+' : unread}</span>}
    </button>
  );
}

export function NoticeList({ onClose }: { onClose: () => void }) {
  const { list, unread } = useStore(noticesOf);
  const console = useConsole();
  useEffect(() => console.people.want(list.map(({ by }) => by)), [list]);
  return (
    <Dialog title="Notices" onClose={onClose}>
      {list.length === 0 && <p>Nobody has mentioned, answered or added you yet.</p>}
      <ul class="notices">
        {list.map((notice) => (
          <NoticeRow key={notice.id} notice={notice} onClose={onClose} />
        ))}
      </ul>
      {unread > 0 && (
        <button type="button" class="secondary wide" onClick={console.notices.readAll}>
          <Icon name="check" /> Mark all as read
        </button>
      )}
    </Dialog>
  );
}

/** Leads to the thread; having gone there is having read it. */
function NoticeRow({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const console = useConsole();
  const names = useNames();
  const title = useStore(threadsOf)[notice.thread]?.title ?? 'a thread';
  const open = (): void => {
    if (!notice.read) console.notices.read(notice.id);
    onClose();
  };
  return (
    <li>
      <a class="notice" href={`#/${notice.thread}`} data-unread={!notice.read} onClick={open}>
        <Avatar id={notice.by} name={names(notice.by)} />
        <span>
          <b dir="auto">{names(notice.by)}</b> {sentenceFor(notice)} <bdi>{title}</bdi>
        </span>
        <time>{shortMoment(notice.ts)}</time>
      </a>
    </li>
  );
}
