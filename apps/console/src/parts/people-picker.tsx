import { useEffect, useRef, useState } from 'preact/hooks';
import type { User } from '../state/model.ts';
import { Avatar } from './avatar.tsx';
import { useConsole } from './context.ts';
import { Icon } from './icon.tsx';

const AFTER_MS = 150;
const MOST = 6;

interface Props {
  readonly label: string;
  readonly chosen: readonly User[];
  /** Users who cannot be chosen: oneself, members. */
  readonly except: readonly string[];
  readonly onChange: (chosen: readonly User[]) => void;
}

/** Chosen people as chips before an input that suggests more. */
export function PeoplePicker({ label, chosen, except, onChange }: Props) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const answer = useFound(text);
  const settled = answer.for === text.trim();
  const found = answer.users.filter((user) => !except.includes(user.id) && chosen.every((one) => one.id !== user.id)).slice(0, MOST);
  const input = useRef<HTMLInputElement>(null);
  // A name that was typed but not chosen must not be left out in silence.
  useEffect(() => input.current?.setCustomValidity(text.trim() ? 'Choose a person from the list, or empty this field.' : ''), [text]);
  const choose = (user: User): void => {
    onChange([...chosen, user]);
    setText('');
    setAt(0);
    input.current?.focus();
  };
  const keys = (event: KeyboardEvent): void => {
    const picked = found[Math.min(at, found.length - 1)];
    if (event.key === 'Backspace' && !text) onChange(chosen.slice(0, -1));
    else if (event.key === 'Enter' && text.trim()) settled && picked && choose(picked);
    else if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else return;
    if (event.key !== 'Backspace') event.preventDefault();
  };
  return (
    <div class="picker">
      <label>
        {label}
        <span class="chips">
          {chosen.map((user) => (
            <Chip key={user.id} user={user} onRemove={() => onChange(chosen.filter((one) => one.id !== user.id))} />
          ))}
          <input
            ref={input}
            value={text}
            dir="auto"
            role="combobox"
            aria-expanded={found.length > 0}
            aria-controls="suggestions"
            aria-activedescendant={found.length > 0 ? `suggestion-${Math.min(at, found.length - 1)}` : undefined}
            autoComplete="off"
            placeholder={chosen.length > 0 ? '' : 'Type a name'}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={keys}
          />
        </span>
      </label>
      {text.trim() && (settled || found.length > 0) && <Suggestions found={found} at={at} onChoose={choose} />}
    </div>
  );
}

interface Found {
  /** The text that was asked for; another one until the server has answered. */
  readonly for: string;
  readonly users: readonly User[];
}

function useFound(text: string): Found {
  const console = useConsole();
  const [found, setFound] = useState<Found>({ for: '', users: [] });
  useEffect(() => {
    let current = true;
    const ask = async (): Promise<void> => {
      const asked = text.trim();
      const users = asked ? await console.people.find(asked.replace(/^@/, '')).catch(() => null) : [];
      if (current && users) setFound({ for: asked, users });
    };
    const timer = setTimeout(() => void ask(), AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text]);
  return found;
}

const Chip = ({ user, onRemove }: { user: User; onRemove: () => void }) => (
  <span class="chip">
    <span dir="auto">{user.name}</span>
    <button type="button" aria-label={`Remove ${user.name}`} onClick={onRemove}>
      <Icon name="close" />
    </button>
  </span>
);

interface SuggestionsProps {
  readonly found: readonly User[];
  readonly at: number;
  readonly onChoose: (user: User) => void;
}

const Suggestions = ({ found, at, onChoose }: SuggestionsProps) => (
  <ul class="suggestions" id="suggestions" role="listbox">
    {found.length === 0 && <li class="none">Nobody whose name or login begins like this. People sign in once before they can be invited.</li>}
    {found.map((user, index) => (
      <li
        key={user.id}
        id={`suggestion-${index}`}
        role="option"
        aria-selected={index === Math.min(at, found.length - 1)}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => onChoose(user)}
      >
        <Avatar id={user.id} name={user.name} size="small" />
        <span dir="auto">{user.name}</span>
        <small>@{user.login}</small>
      </li>
    ))}
  </ul>
);
