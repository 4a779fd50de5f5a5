import { useState } from 'preact/hooks';
import { Avatar } from '../parts/avatar.tsx';
import { useConsole, useMe, useNames } from '../parts/context.ts';
import { Icon } from '../parts/icon.tsx';
import { memo } from '../parts/memo.ts';
import { RichText } from '../parts/rich-text.tsx';
import { exactly, timeOf } from '../parts/time.ts';
import type { Line } from '../state/pending.rules.ts';
import { hueOf, isPictures } from '../state/screen.rules.ts';
import type { MessageActions } from './message-actions.ts';
import { MessageTools, type Panel } from './message-tools.tsx';

interface Props {
  readonly line: Line;
  readonly first: boolean;
  readonly last: boolean;
  readonly own: boolean;
  /** The message that this one answers; null when it is not loaded. */
  readonly replied: Line | null | undefined;
  readonly actions: MessageActions;
  readonly tabbable: boolean;
}

export const Message = memo(function Message({ line, first, last, own, replied, actions, tabbable }: Props) {
  const names = useNames();
  const [panel, setPanel] = useState<Panel>(null);
  const author = names(line.actor);
  const live = line.number > 0 && !line.deleted && actions.writes;
  return (
    <article
      class="message"
      id={`m-${line.id}`}
      tabIndex={tabbable ? 0 : -1}
      data-own={own}
      data-first={first}
      data-last={last}
      data-panel={panel ?? undefined}
      data-sent={line.pending ? 'no' : 'yes'}
      aria-label={`${author}, ${timeOf(line.ts)}`}
      onKeyDown={(event) => live && event.target === event.currentTarget && keys(event, line, own, actions, setPanel)}
    >
      {!own && <span class="side">{last && <Avatar id={line.actor} name={author} />}</span>}
      <div class="stacked">
        {first && !own && (
          <span class="author" style={{ '--hue': String(hueOf(line.actor)) }} dir="auto">
            {author}
          </span>
        )}
        <div class="bubble" data-pictures={!line.deleted && isPictures(line.text)}>
          {replied !== undefined && <Quote replied={replied} />}
          <Body line={line} />
        </div>
        <Reactions line={line} />
        <Refused line={line} />
      </div>
      {live && <MessageTools line={line} own={own} panel={panel} onPanel={setPanel} actions={actions} />}
    </article>
  );
});

function keys(event: KeyboardEvent, line: Line, own: boolean, actions: MessageActions, setPanel: (panel: Panel) => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'r') actions.reply(line);
  else if (event.key === 'e' && own) actions.edit(line);
  else if (event.key === 'Delete' && (own || actions.manages)) setPanel('delete');
  else if (event.key === '+' || event.key === 'Enter') setPanel('react');
  else return;
  event.preventDefault();
}

function Quote({ replied }: { replied: Line | null }) {
  const names = useNames();
  if (!replied) return <span class="quote">An earlier message</span>;
  const show = (): void => {
    const target = document.getElementById(`m-${replied.id}`);
    target?.scrollIntoView({ block: 'center', behavior: 'smooth' });
    target?.focus({ preventScroll: true });
  };
  return (
    <button type="button" class="quote" style={{ '--hue': String(hueOf(replied.actor)) }} onClick={show}>
      <b dir="auto">{names(replied.actor)}</b>
      <span dir="auto">{replied.deleted ? 'message deleted' : replied.text}</span>
    </button>
  );
}

const Body = ({ line }: { line: Line }) =>
  line.deleted ? (
    <p class="text">
      <i>This message was deleted.</i>
      <Meta line={line} />
    </p>
  ) : (
    <p class="text" dir="auto">
      <RichText text={line.text} />
      {line.attachments?.map((attachment, at) => (
        <Attached key={at} attachment={attachment} />
      ))}
      <Meta line={line} />
    </p>
  );

/** What describes a file that is kept elsewhere: shown by its name, opened where it says it is. */
function Attached({ attachment }: { attachment: Readonly<Record<string, unknown>> }) {
  const name = String(attachment['name'] ?? attachment['title'] ?? 'attachment');
  const url = String(attachment['url'] ?? '');
  return (
    <span class="attached" dir="auto">
      {/^https?:\/\//.test(url) ? (
        <a href={url} target="_blank" rel="noopener noreferrer nofollow">
          {name}
        </a>
      ) : (
        name
      )}
    </span>
  );
}

function Meta({ line }: { line: Line }) {
  const waiting = line.pending && line.pending.seq === undefined && line.pending.refused === undefined;
  return (
    <span class="meta">
      {line.edited_ts !== undefined && !line.deleted && <span>edited</span>}
      <time dateTime={new Date(line.ts).toISOString()} title={`${exactly(line.ts)}${line.seq > 0 ? ` · seq ${line.seq}` : ''}`}>
        {timeOf(line.ts)}
      </time>
      {waiting && (
        <span class="waiting" role="img" aria-label="being sent">
          <Icon name="clock" />
        </span>
      )}
    </span>
  );
}

function Reactions({ line }: { line: Line }) {
  const console = useConsole();
  const me = useMe();
  const names = useNames();
  const given = Object.entries(line.reactions);
  if (given.length === 0) return null;
  return (
    <div class="reactions">
      {given.map(([reaction, users]) => (
        <button
          key={reaction}
          type="button"
          aria-pressed={users.includes(me)}
          title={users.map(names).join(', ')}
          aria-label={`${reaction} ${users.length}`}
          onClick={() => console.react(line, reaction)}
        >
          <span>{reaction}</span> {users.length}
        </button>
      ))}
    </div>
  );
}

/** Only certain refusals come here; what is merely unknown is sent again by itself. */
function Refused({ line }: { line: Line }) {
  const console = useConsole();
  const { pending } = line;
  if (pending?.refused === undefined) return null;
  return (
    <p class="refused" role="alert">
      Not sent. {pending.refused}{' '}
      <button type="button" class="link" onClick={() => console.outbox.retry(pending.command_id)}>
        Try again
      </button>
      <button type="button" class="link" onClick={() => console.outbox.discard(pending.command_id)}>
        Discard
      </button>
    </p>
  );
}
