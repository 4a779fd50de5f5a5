import { useEffect, useMemo } from 'preact/hooks';
import { useConsole, useMe, useNames } from '../parts/context.ts';
import { Empty } from '../parts/empty.tsx';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { dayName } from '../parts/time.ts';
import type { Opened } from '../state/model.ts';
import type { Line } from '../state/pending.rules.ts';
import { daysOf, type Item } from '../state/screen.rules.ts';
import type { MessageActions } from './message-actions.ts';
import { Message } from './message.tsx';
import { useScroll } from './use-scroll.ts';

interface Props {
  readonly channel: string;
  readonly lines: readonly Line[];
  readonly opened: Opened;
  readonly complete: boolean;
  readonly actions: MessageActions;
}

export function MessageLog({ channel, lines, opened, complete, actions }: Props) {
  const me = useMe();
  const console = useConsole();
  const days = useMemo(() => daysOf(lines, opened.readNumber ?? Number.MAX_SAFE_INTEGER, me), [lines, opened.readNumber, me]);
  const byId = useMemo(() => new Map(lines.map((line) => [line.id, line])), [lines]);
  const last = lines.at(-1);
  const scroll = useScroll({ first: lines[0]?.command_id ?? '', last: last?.command_id ?? '', own: last?.actor === me, onTop: console.older });
  useSeen(channel, scroll.atEnd, last);
  const loading = opened.page.at === 'loading';
  return (
    <div class="log-frame">
      <div class="log" ref={scroll.element} onScroll={scroll.onScroll} role="log" aria-label="Messages" aria-live="off" aria-busy={loading} onKeyDown={walk}>
        <Top opened={opened} complete={complete && lines.length > 0} />
        {loading && <Skeletons />}
        {!loading && complete && lines.length === 0 && <Beginning />}
        {days.map((day) => (
          <section key={day.key}>
            <h3 class="day">{dayName(day.ts)}</h3>
            {day.items.map((item) => (
              <ItemView key={item.key} item={item} me={me} byId={byId} actions={actions} tabbable={item.type === 'message' && item.line === last} />
            ))}
          </section>
        ))}
      </div>
      {!scroll.atEnd && (
        <button type="button" class="to-end" onClick={scroll.toEnd} aria-label="To the latest message">
          <Icon name="down" />
        </button>
      )}
      <Announcer last={last} />
    </div>
  );
}

/** The marker follows the eyes: the end of the thread is on a screen that can be seen. */
function useSeen(channel: string, atEnd: boolean, last: Line | undefined): void {
  const console = useConsole();
  useEffect(() => {
    const look = (): void => {
      if (atEnd && document.visibilityState === 'visible') console.seen(channel);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [channel, atEnd, last?.number]);
}

interface ItemProps {
  readonly item: Item;
  readonly me: string;
  readonly byId: ReadonlyMap<string, Line>;
  readonly actions: MessageActions;
  readonly tabbable: boolean;
}

function ItemView({ item, me, byId, actions, tabbable }: ItemProps) {
  if (item.type === 'new') return <h3 class="new-line">New</h3>;
  const { line, first, last } = item;
  const replied = line.reply_to === undefined ? undefined : (byId.get(line.reply_to) ?? null);
  return <Message line={line} first={first} last={last} own={line.actor === me} replied={replied} actions={actions} tabbable={tabbable} />;
}

function Top({ opened, complete }: { opened: Opened; complete: boolean }) {
  const console = useConsole();
  if (opened.older.at === 'failed') return <Problem text={opened.older.why} onRetry={console.older} />;
  if (opened.older.at === 'loading') return <p class="top">Loading earlier messages …</p>;
  return complete ? <p class="top">This is where the thread begins.</p> : <p class="top" />;
}

const Beginning = () => (
  <Empty title="Nothing said yet">
    <p>Write the first message below. It is kept the moment it is sent.</p>
  </Empty>
);

const Skeletons = () => (
  <div class="skeletons" aria-label="Loading messages">
    {[46, 62, 34, 54, 40].map((width) => (
      <span key={width} style={{ width: `${width}%` }} />
    ))}
  </div>
);

/** Reads out what others say, once each, and nothing of the pages that are loaded. */
function Announcer({ last }: { last: Line | undefined }) {
  const me = useMe();
  const names = useNames();
  const fresh = last && last.actor !== me && Date.now() - last.ts < 10_000;
  return (
    <div class="sr-only" aria-live="polite">
      {fresh ? `${names(last.actor)}: ${last.text}` : ''}
    </div>
  );
}

/** Up and down walk from message to message. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const target = event.target as HTMLElement;
  if (!step || !target.matches('.message')) return;
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('.message')];
  const next = all[all.indexOf(target) + step];
  event.preventDefault();
  next?.focus();
}
