/** Notices as the page has them: a page of the list, and the events of the inbox behind it. */
import type { AllNoticesRead, Notice, NoticePage, NoticeRead, Notified, ThreadCleared } from '@veche/contracts';
import { KINDS } from './kinds.ts';

export interface Notices {
  /** The exact badge. */
  readonly unread: number;
  /** Events of the inbox up to it are in. */
  readonly seq: number;
  /** The newest first; older ones stay on the server. */
  readonly list: readonly Notice[];
}

/** An event of the inbox; `data` by kind. */
export interface InboxEvent {
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly ts: number;
  readonly data: unknown;
}

export const NO_NOTICES: Notices = { unread: 0, seq: 0, list: [] };

/** As many as are looked through; the server has the rest. */
const SHOWN = 50;

/** A page that was asked for before a live event arrived is older than it. */
export const paged = (known: Notices, { notices, unread, seq }: NoticePage): Notices => (seq < known.seq ? known : { unread, seq, list: notices });

const CHANGES: Readonly<Record<string, (list: readonly Notice[], event: InboxEvent) => readonly Notice[]>> = {
  [KINDS.notified]: (list, { id, seq, ts, data }) => {
    const { unread: _, ...notice } = data as Notified;
    return [{ ...notice, id, seq, ts, read: false } as Notice, ...list].slice(0, SHOWN);
  },
  [KINDS.noticeRead]: (list, { data }) => marked(list, ({ id }) => id === (data as NoticeRead).notice_id),
  [KINDS.allNoticesRead]: (list, { data }) => marked(list, ({ seq }) => seq <= (data as AllNoticesRead).through),
  [KINDS.threadCleared]: (list, { data }) =>
    marked(list, ({ thread, thread_seq }) => thread === (data as ThreadCleared).thread && thread_seq <= (data as ThreadCleared).thread_seq),
};

export const isAboutNotices = (kind: string): boolean => Object.hasOwn(CHANGES, kind);

/** The badge is what the event says: nothing is counted here. One that was seen before changes nothing. */
export function withEvent(known: Notices, event: InboxEvent): Notices {
  const change = CHANGES[event.kind];
  if (!change || event.seq <= known.seq) return known;
  return { unread: (event.data as { unread: number }).unread, seq: event.seq, list: change(known.list, event) };
}

const marked = (list: readonly Notice[], are: (notice: Notice) => boolean): readonly Notice[] =>
  list.map((notice) => (are(notice) && !notice.read ? { ...notice, read: true } : notice));

/** Between the person and the thread. */
const SENTENCES: Readonly<Record<Notice['kind'], string>> = {
  mention: 'mentioned you in',
  reply: 'answered you in',
  added: 'added you to',
  absent: 'wrote while you were away, in',
};

export const sentenceFor = ({ kind }: Notice): string => SENTENCES[kind];
