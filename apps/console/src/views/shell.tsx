import { useEffect, useRef, useState } from 'preact/hooks';
import { useConsole, useMe, useNames } from '../parts/context.ts';
import { Empty } from '../parts/empty.tsx';
import { Toast } from '../parts/toast.tsx';
import type { State } from '../state/model.ts';
import { useStore } from '../state/store.ts';
import { totalUnread } from '../state/threads.rules.ts';
import { Account } from './account.tsx';
import { NewThread } from './new-thread.tsx';
import { NoticeList } from './notice-list.tsx';
import { go, useRoute } from './route.ts';
import { StatusLine } from './status-line.tsx';
import { FIRST_STEPS, ThreadList } from './thread-list.tsx';
import { ThreadView } from './thread-view.tsx';

const openedOf = (state: State): string | null => state.opened?.channel ?? null;
const isFirst = (state: State): boolean => state.list.at === 'idle' && Object.keys(state.threads).length === 0;
const unreadOf = (state: State): number => totalUnread(state.threads);

type DialogName = 'new' | 'account' | 'notices' | null;

/** The list beside the open thread; on a phone one of the two. */
export function Shell({ onLeave }: { onLeave: () => void }) {
  const [dialog, setDialog] = useState<DialogName>(null);
  const opened = useOpened();
  useTitle();
  const close = (): void => setDialog(null);
  return (
    <div class="shell" data-open={opened !== null}>
      <ThreadList onNew={() => setDialog('new')} onAccount={() => setDialog('account')} onNotices={() => setDialog('notices')} />
      <main>{opened ? <ThreadView key={opened} channel={opened} /> : <Nothing onNew={() => setDialog('new')} />}</main>
      <StatusLine />
      {dialog === 'new' && <NewThread onClose={close} />}
      {dialog === 'account' && <Account onClose={close} onLeave={onLeave} />}
      {dialog === 'notices' && <NoticeList onClose={close} />}
      <Toast />
    </div>
  );
}

function useOpened(): string | null {
  const console = useConsole();
  const route = useRoute();
  const opened = useStore(openedOf);
  useEffect(() => (route ? console.open(route) : console.close()), [route]);
  // The thread went away under us: the person was removed from it. Before the first one is open, nothing did.
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (before.current === route && opened === null) go(null);
    before.current = opened;
  }, [opened]);
  return opened;
}

function useTitle(): void {
  const unread = useStore(unreadOf);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Veche` : 'Veche';
  }, [unread]);
}

/** Beside the list while no thread is open: how to begin, for a newcomer in more words. */
function Nothing({ onNew }: { onNew: () => void }) {
  const first = useStore(isFirst);
  const names = useNames();
  const me = useMe();
  return (
    <Empty title={first ? `Welcome, ${names(me)}` : 'Choose a thread'}>
      <p>{first ? FIRST_STEPS : 'Pick one on the left, or begin a new one and invite somebody.'}</p>
      <button type="button" class="primary" onClick={onNew}>
        New thread
      </button>
    </Empty>
  );
}
