import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { keepDraft, readDraft } from '../live/vault.ts';
import { useConsole, useNames } from '../parts/context.ts';
import { Icon } from '../parts/icon.tsx';
import type { Line } from '../state/pending.rules.ts';

/** What the next press of Enter does. */
export type Mode = { readonly is: 'new' } | { readonly is: 'reply' | 'edit'; readonly line: Line };

interface Props {
  readonly channel: string;
  readonly mode: Mode;
  readonly onMode: (mode: Mode) => void;
  /** Arrow up in an empty composer. */
  readonly onEditLast: () => void;
  readonly readOnly: boolean;
}

const NEW: Mode = { is: 'new' };
/** Characters; the server takes 65,536 bytes with everything around them. */
const MOST = 16_000;

export function Composer({ channel, mode, onMode, onEditLast, readOnly }: Props) {
  const console = useConsole();
  const { text, setText, area } = useDraft(channel, mode);
  const send = (): void => {
    const said = text.trim();
    if (said && mode.is === 'edit' && said !== mode.line.text) console.edit(mode.line, said);
    if (said && mode.is !== 'edit') console.say(channel, said, mode.is === 'reply' ? mode.line : null);
    if (mode.is !== 'edit') setText('');
    onMode(NEW);
    area.current?.focus();
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) send();
    else if (event.key === 'Escape') mode.is === 'new' ? toList() : onMode(NEW);
    else if (event.key === 'ArrowUp' && text === '' && mode.is === 'new') onEditLast();
    else return;
    event.preventDefault();
  };
  const typed = (value: string): void => {
    setText(value);
    if (value.trim() && mode.is !== 'edit') console.typing(channel);
  };
  if (readOnly) return <p class="composer read-only">You may read this thread but not write in it.</p>;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {mode.is !== 'new' && <ModeBar mode={mode} onCancel={() => onMode(NEW)} />}
      <div class="field">
        <textarea
          ref={area}
          value={text}
          rows={1}
          maxLength={MOST}
          dir="auto"
          aria-label="Message"
          placeholder="Write a message"
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={keys}
        />
        <button type="submit" class="send" aria-label={mode.is === 'edit' ? 'Save' : 'Send'} disabled={!text.trim()}>
          <Icon name={mode.is === 'edit' ? 'check' : 'send'} />
        </button>
      </div>
    </form>
  );
}

/** Out of the thread by keyboard: to its row in the list. */
const toList = (): void => document.querySelector<HTMLElement>('.row[aria-current]')?.focus();

/** What was typed and not sent is still there after another thread or a reload; an edit has a text of its own. */
function useDraft(channel: string, mode: Mode) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState(() => readDraft(channel));
  const [edited, setEdited] = useState('');
  const editing = mode.is === 'edit';
  const text = editing ? edited : draft;
  const setText = (value: string): void => {
    if (editing) return setEdited(value);
    setDraft(value);
    keepDraft(channel, value);
  };
  useLayoutEffect(() => {
    if (mode.is === 'edit') setEdited(mode.line.text);
    // A phone would open its keyboard over the thread that was just opened.
    if (mode.is !== 'new' || matchMedia('(hover: hover)').matches) area.current?.focus();
  }, [mode]);
  useLayoutEffect(() => {
    const box = area.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  }, [text]);
  return { text, setText, area };
}

function ModeBar({ mode, onCancel }: { mode: Exclude<Mode, { is: 'new' }>; onCancel: () => void }) {
  const names = useNames();
  return (
    <div class="mode">
      <Icon name={mode.is === 'edit' ? 'pencil' : 'reply'} />
      <p>
        <b>{mode.is === 'edit' ? 'Edit your message' : `Reply to ${names(mode.line.actor)}`}</b>
        <span dir="auto">{mode.line.text}</span>
      </p>
      <button type="button" class="quiet" aria-label="Cancel" onClick={onCancel}>
        <Icon name="close" />
      </button>
    </div>
  );
}
