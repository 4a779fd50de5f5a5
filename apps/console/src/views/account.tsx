import { useState } from 'preact/hooks';
import { secretOf } from '../live/vault.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import type { State, User } from '../state/model.ts';
import { useStore } from '../state/store.ts';

const meOf = (state: State): User | null => state.me;

interface Props {
  readonly onClose: () => void;
  readonly onLeave: () => void;
}

export function Account({ onClose, onLeave }: Props) {
  const me = useStore(meOf);
  if (!me) return null;
  const secret = secretOf(me.login);
  return (
    <Dialog title="You" onClose={onClose}>
      <div class="person">
        <Avatar id={me.id} name={me.name} size="large" />
        <div>
          <b dir="auto">{me.name}</b>
          <span>@{me.login}</span>
        </div>
      </div>
      {secret && <Secret secret={secret} />}
      <button type="button" class="secondary wide" onClick={onLeave}>
        <Icon name="exit" /> Sign out of this tab
      </button>
    </Dialog>
  );
}

/** The generated password, for the day when another browser asks for it. */
function Secret({ secret }: { secret: string }) {
  const [shown, setShown] = useState(false);
  return (
    <div class="secret">
      <p>This browser made a password for you. Another browser will ask for it.</p>
      {shown ? <code>{secret}</code> : null}
      <button type="button" class="link" onClick={() => setShown(!shown)}>
        {shown ? 'Hide it' : 'Show it'}
      </button>
    </div>
  );
}
