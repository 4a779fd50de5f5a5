import { useRef, useState } from 'preact/hooks';
import type { Tokens } from '@veche/contracts';
import { PasswordNeeded, signIn } from '../live/identity.ts';
import { loginOf } from '../live/login.rules.ts';
import { type Known, knownPeople } from '../live/vault.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Bell } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';

interface Props {
  readonly why: string;
  readonly onSignedIn: (tokens: Tokens) => void;
}

export function SignIn({ why, onSignedIn }: Props) {
  const [problem, setProblem] = useState(why);
  const [busy, setBusy] = useState(false);
  const [withPassword, setWithPassword] = useState(false);
  const [name, setName] = useState('');
  const password = useRef<HTMLInputElement>(null);

  const enter = async (as: string, typed = ''): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      onSignedIn(await signIn(as, typed));
    } catch (error) {
      setBusy(false);
      setProblem((error as Error).message);
      if (!(error instanceof PasswordNeeded)) return;
      setName(as);
      setWithPassword(true);
      requestAnimationFrame(() => password.current?.focus());
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (loginOf(name) && !busy) void enter(name, password.current?.value ?? '');
  };

  return (
    <div class="sign-in">
      <form class="card" onSubmit={submit} aria-busy={busy}>
        <div class="brand">
          <Bell />
          <h1>Veche</h1>
        </div>
        <p class="lead">Where everybody who comes is heard. Say your name and join.</p>
        <label>
          Your name
          <input
            name="name"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
            maxLength={100}
            autoComplete="username"
            dir="auto"
            autoFocus
            required
            placeholder="Ada Lovelace"
          />
        </label>
        <LoginHint name={name} />
        {withPassword && (
          <label>
            Password
            <input
              ref={password}
              name="password"
              type="password"
              minLength={8}
              maxLength={256}
              autoComplete="current-password"
              placeholder="At least 8 characters"
            />
          </label>
        )}
        {problem && <Problem text={problem} />}
        <button type="submit" class="primary wide" disabled={busy}>
          {busy ? 'One moment …' : 'Enter'}
        </button>
        {!withPassword && (
          <button type="button" class="link" onClick={() => setWithPassword(true)}>
            Use a password
          </button>
        )}
        <KnownHere onPick={(known) => void enter(known.name)} />
      </form>
    </div>
  );
}

function LoginHint({ name }: { name: string }) {
  const login = loginOf(name);
  return (
    <p class="hint">
      {login && login !== name.trim() ? (
        <>
          Others find you as <b>@{login}</b>
        </>
      ) : (
        'A new name is registered at once; no mail, no form.'
      )}
    </p>
  );
}

/** People who signed in on this browser before: one click each. */
function KnownHere({ onPick }: { onPick: (known: Known) => void }) {
  const known = knownPeople();
  if (known.length === 0) return null;
  return (
    <div class="known">
      <p>Or go on as</p>
      <ul>
        {known.map((one) => (
          <li key={one.login}>
            <button type="button" onClick={() => onPick(one)}>
              <Avatar id={one.id} name={one.name} size="small" />
              <span dir="auto">{one.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
