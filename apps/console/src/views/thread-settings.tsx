import { useState } from 'preact/hooks';
import { Avatar } from '../parts/avatar.tsx';
import { useConsole, useMe, useNames } from '../parts/context.ts';
import { Dialog } from '../parts/dialog.tsx';
import { PeoplePicker } from '../parts/people-picker.tsx';
import type { Opened, Thread, ThreadMember, User } from '../state/model.ts';
import { usersHere } from '../state/opened.rules.ts';

interface Props {
  readonly thread: Thread;
  readonly opened: Opened;
  readonly onClose: () => void;
}

/** Title and members of a thread; owners and admins change them. */
export function ThreadSettings({ thread, opened, onClose }: Props) {
  const manages = thread.role === 'owner' || thread.role === 'admin';
  return (
    <Dialog title="About this thread" onClose={onClose}>
      <div class="stack">
        {manages && <Rename key={thread.title} thread={thread} />}
        {manages && <Invite channel={thread.channel} members={opened.members} />}
        <Members thread={thread} opened={opened} manages={manages} />
      </div>
    </Dialog>
  );
}

function Rename({ thread }: { thread: Thread }) {
  const console = useConsole();
  const [title, setTitle] = useState(thread.title);
  const changed = title.trim() !== '' && title.trim() !== thread.title;
  const save = (event: SubmitEvent): void => {
    event.preventDefault();
    if (changed) console.rename(thread.channel, title.trim());
  };
  return (
    <form class="line" onSubmit={save}>
      <label>
        Title
        <input name="title" value={title} dir="auto" maxLength={200} autoComplete="off" onInput={(event) => setTitle(event.currentTarget.value)} />
      </label>
      <button type="submit" class="secondary" disabled={!changed}>
        Rename
      </button>
    </form>
  );
}

function Invite({ channel, members }: { channel: string; members: readonly ThreadMember[] }) {
  const console = useConsole();
  const [chosen, setChosen] = useState<readonly User[]>([]);
  const add = (): void => {
    for (const user of chosen) void console.addMember(channel, user.id);
    setChosen([]);
  };
  return (
    <div class="line">
      <PeoplePicker label="Add people" chosen={chosen} except={members.map((member) => member.user)} onChange={setChosen} />
      <button type="button" class="secondary" disabled={chosen.length === 0} onClick={add}>
        Add
      </button>
    </div>
  );
}

function Members({ thread, opened, manages }: { thread: Thread; opened: Opened; manages: boolean }) {
  const names = useNames();
  const me = useMe();
  const console = useConsole();
  const here = new Set(usersHere(opened));
  const mayRemove = (member: ThreadMember): boolean => member.role !== 'owner' && (manages || member.user === me);
  return (
    <section>
      <h3>{thread.members === 1 ? '1 member' : `${thread.members} members`}</h3>
      <ul class="members">
        {opened.members.map((member) => (
          <li key={member.user}>
            <Avatar id={member.user} name={names(member.user)} size="small" here={here.has(member.user)} />
            <span dir="auto">{names(member.user)}</span>
            <small>{member.user === me ? 'you' : member.role}</small>
            {mayRemove(member) && (
              <button type="button" class="link" onClick={() => void console.removeMember(thread.channel, member.user)}>
                {member.user === me ? 'Leave' : 'Remove'}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
