import { useState } from 'preact/hooks';
import { useConsole, useMe } from '../parts/context.ts';
import { Dialog } from '../parts/dialog.tsx';
import { PeoplePicker } from '../parts/people-picker.tsx';
import type { User } from '../state/model.ts';
import { go } from './route.ts';

export function NewThread({ onClose }: { onClose: () => void }) {
  const console = useConsole();
  const me = useMe();
  const [title, setTitle] = useState('');
  const [members, setMembers] = useState<readonly User[]>([]);
  const [busy, setBusy] = useState(false);

  const create = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const channel = await console.create(
      title.trim(),
      members.map((user) => user.id),
    );
    setBusy(false);
    if (!channel) return;
    onClose();
    go(channel);
  };

  return (
    <Dialog title="New thread" onClose={onClose}>
      <form class="stack" onSubmit={(event) => void create(event)}>
        <label>
          What is it about?
          <input
            name="title"
            value={title}
            dir="auto"
            maxLength={200}
            required
            autoFocus
            autoComplete="off"
            placeholder="Harvest festival"
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        </label>
        <PeoplePicker label="Who is invited?" chosen={members} except={[me]} onChange={setMembers} />
        <button type="submit" class="primary wide" disabled={busy || !title.trim()}>
          {busy ? 'One moment …' : 'Start the thread'}
        </button>
      </form>
    </Dialog>
  );
}
