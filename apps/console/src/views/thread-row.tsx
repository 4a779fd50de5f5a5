import { Avatar } from '../parts/avatar.tsx';
import { shortMoment } from '../parts/time.ts';
import type { Thread } from '../state/model.ts';

interface Props {
  readonly thread: Thread;
  readonly author: string;
  readonly opened: boolean;
}

export function ThreadRow({ thread, author, opened }: Props) {
  const unread = opened ? 0 : thread.unread;
  return (
    <li>
      <a class="row" href={`#/${thread.channel}`} aria-current={opened ? 'page' : undefined} data-unread={unread > 0}>
        <Avatar id={thread.channel} name={thread.title} />
        <span class="row-title" dir="auto">
          {thread.title}
        </span>
        <time class="row-time">{shortMoment(thread.last_message?.ts ?? thread.updated_ts)}</time>
        <Preview thread={thread} author={author} />
        {unread > 0 && (
          <span class="badge" aria-label={`${unread} unread`}>
            {unread > 999 ? '999+' : unread}
          </span>
        )}
      </a>
    </li>
  );
}

function Preview({ thread, author }: { thread: Thread; author: string }) {
  const last = thread.last_message;
  if (!last) return <span class="row-text">Nothing said yet</span>;
  return (
    <span class="row-text">
      <b>
        <bdi>{author}</bdi>:&nbsp;
      </b>
      <span dir="auto">{last.deleted ? <i>message deleted</i> : last.text}</span>
    </span>
  );
}
