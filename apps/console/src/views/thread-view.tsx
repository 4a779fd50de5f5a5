import { useEffect, useMemo, useState } from 'preact/hooks';
import { useConsole, useMe, useNames } from '../parts/context.ts';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import type { Opened, Pending, State, Thread, Timeline } from '../state/model.ts';
import { typingNow, usersHere } from '../state/opened.rules.ts';
import { type Line, lines } from '../state/pending.rules.ts';
import { names as listNames } from '../state/screen.rules.ts';
import { useStore } from '../state/store.ts';
import { Composer, type Mode } from './composer.tsx';
import { MessageLog } from './message-log.tsx';
import type { MessageActions } from './message-actions.ts';
import { ThreadSettings } from './thread-settings.tsx';

const NONE: readonly never[] = [];
const pendingOf = (state: State): readonly Pending[] => state.pending;
const openedOf = (state: State): Opened | null => state.opened;

export function ThreadView({ channel }: { channel: string }) {
  const console = useConsole();
  const thread = useStore((state) => state.threads[channel]);
  const timeline = useStore((state) => state.timelines[channel]);
  const opened = useStore(openedOf);
  const [mode, setMode] = useState<Mode>({ is: 'new' });
  const [settings, setSettings] = useState(false);
  const shown = useLines(channel, timeline);
  const me = useMe();
  useNamesOf(shown, opened);
  const role = thread?.role;
  const actions = useMemo<MessageActions>(
    () => ({
      writes: role !== undefined && role !== 'reader',
      manages: role === 'owner' || role === 'admin',
      reply: (line) => setMode({ is: 'reply', line }),
      edit: (line) => setMode({ is: 'edit', line }),
    }),
    [role],
  );
  if (!opened) return null;
  const editLast = (): void => {
    const last = shown.findLast((line) => line.actor === me && !line.deleted);
    // One that is still on its way has no id to edit by; taking the one before it instead would surprise.
    if (last && last.number > 0) setMode({ is: 'edit', line: last });
  };
  return (
    <section class="thread" aria-label={thread?.title ?? 'Thread'}>
      <Header thread={thread} opened={opened} onSettings={() => setSettings(true)} />
      {opened.page.at === 'failed' && <Problem text={opened.page.why} onRetry={console.retryPage} />}
      <MessageLog channel={channel} lines={shown} opened={opened} complete={timeline?.complete ?? false} actions={actions} />
      <Typing opened={opened} />
      <Composer channel={channel} mode={mode} onMode={setMode} onEditLast={editLast} readOnly={role === 'reader'} />
      {settings && thread && <ThreadSettings thread={thread} opened={opened} onClose={() => setSettings(false)} />}
    </section>
  );
}

function useLines(channel: string, timeline: Timeline | undefined): readonly Line[] {
  const pending = useStore(pendingOf);
  const me = useMe();
  return useMemo(() => lines(timeline?.messages ?? NONE, pending, channel, me), [timeline?.messages, pending, channel, me]);
}

function useNamesOf(shown: readonly Line[], opened: Opened | null): void {
  const console = useConsole();
  useEffect(() => console.people.want(shown.flatMap((line) => [line.actor, ...Object.values(line.reactions).flat()])), [shown]);
  useEffect(
    () => console.people.want([...(opened?.members.map((member) => member.user) ?? []), ...Object.values(opened?.here ?? {})]),
    [opened?.members, opened?.here],
  );
}

interface HeaderProps {
  readonly thread: Thread | undefined;
  readonly opened: Opened;
  readonly onSettings: () => void;
}

function Header({ thread, opened, onSettings }: HeaderProps) {
  const names = useNames();
  const me = useMe();
  const here = usersHere(opened).filter((user) => user !== me);
  return (
    <header class="bar">
      <a class="quiet back" href="#/" aria-label="All threads">
        <Icon name="back" />
      </a>
      <div class="heading">
        <h1 dir="auto">{thread?.title ?? '…'}</h1>
        <p data-here={here.length > 0}>{here.length > 0 ? `${listNames(here.map(names))} ${here.length === 1 ? 'is' : 'are'} here` : alone(thread)}</p>
      </div>
      <button type="button" class="quiet" aria-label="Members and title" title="Members and title" onClick={onSettings}>
        <Icon name="people" />
      </button>
    </header>
  );
}

const alone = (thread: Thread | undefined): string => {
  if (!thread) return ' ';
  return thread.members <= 1 ? 'Only you so far: invite somebody' : `${thread.members} members, nobody else is here now`;
};

function Typing({ opened }: { opened: Opened }) {
  const me = useMe();
  const names = useNames();
  const who = typingNow(opened, me, Date.now()).map(names);
  return (
    <p class="typing" aria-live="polite">
      {who.length > 0 && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {listNames(who, 2)} {who.length === 1 ? 'is' : 'are'} typing
        </>
      )}
    </p>
  );
}
