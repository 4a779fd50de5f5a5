import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Avatar } from '../parts/avatar.tsx';
import { useConsole, useMe, useNames } from '../parts/context.ts';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import type { Load, State } from '../state/model.ts';
import { useStore } from '../state/store.ts';
import { listed } from '../state/threads.rules.ts';
import { NoticeButton } from './notice-list.tsx';
import { useRoute } from './route.ts';
import { ThreadRow } from './thread-row.tsx';

const threadsOf = (state: State): State['threads'] => state.threads;
const listOf = (state: State): Load => state.list;
const moreOf = (state: State): string | null => state.more;

export const FIRST_STEPS = 'Start a thread and invite people by name. To try it alone, open this page in a second window and sign in under another name.';

interface Props {
  readonly onNew: () => void;
  readonly onAccount: () => void;
  readonly onNotices: () => void;
}

export function ThreadList({ onNew, onAccount, onNotices }: Props) {
  const all = useStore(threadsOf);
  const threads = useMemo(() => listed(all), [all]);
  const names = useNames();
  const me = useMe();
  const console = useConsole();
  const opened = useRoute();
  useEffect(() => console.people.want(threads.flatMap((thread) => thread.last_message?.actor ?? [])), [threads]);
  return (
    <nav class="threads" aria-label="Threads">
      <header class="bar">
        <button type="button" class="me" onClick={onAccount} aria-label={`Signed in as ${names(me)}`}>
          <Avatar id={me} name={names(me)} />
          <span dir="auto">{names(me)}</span>
        </button>
        <NoticeButton onClick={onNotices} />
        <button type="button" class="quiet" onClick={onNew} aria-label="New thread" title="New thread">
          <Icon name="plus" />
        </button>
      </header>
      <ul class="rows" onKeyDown={walk}>
        {threads.map((thread) => (
          <ThreadRow
            key={thread.channel}
            thread={thread}
            author={thread.last_message ? authorOf(thread.last_message.actor, me, names) : ''}
            opened={thread.channel === opened}
          />
        ))}
        <Rest empty={threads.length === 0} onNew={onNew} />
      </ul>
    </nav>
  );
}

const authorOf = (actor: string, me: string, names: (id: string) => string): string => (actor === me ? 'You' : (names(actor).split(' ')[0] ?? ''));

/** What comes below the rows: more of them, a failure, or how to begin. */
function Rest({ empty, onNew }: { empty: boolean; onNew: () => void }) {
  const console = useConsole();
  const list = useStore(listOf);
  const more = useStore(moreOf);
  if (list.at === 'failed')
    return (
      <li>
        <Problem text={list.why} onRetry={() => void console.list.load()} />
      </li>
    );
  if (list.at === 'loading')
    return (
      <li class="skeletons" aria-label="Loading threads">
        {empty && [1, 2, 3, 4].map((row) => <span key={row} />)}
      </li>
    );
  if (more !== null) return <MoreRows key={more} onSeen={() => void console.list.more()} />;
  if (!empty) return null;
  return (
    <li class="first-steps">
      <h2>No threads yet</h2>
      <p>{FIRST_STEPS}</p>
      <button type="button" class="primary" onClick={onNew}>
        New thread
      </button>
    </li>
  );
}

function MoreRows({ onSeen }: { onSeen: () => void }) {
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const watcher = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && onSeen());
    if (element.current) watcher.observe(element.current);
    return () => watcher.disconnect();
  }, []);
  return <li ref={element} class="more" />;
}

/** Up and down walk through the rows; Enter opens, as on any link. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const rows = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('a')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = event.key === 'Home' ? 0 : event.key === 'End' ? rows.length - 1 : step && at + step;
  if (next === undefined || !rows[next]) return;
  event.preventDefault();
  rows[next].focus();
}
