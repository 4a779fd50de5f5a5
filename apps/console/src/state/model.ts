/** What the page knows. Plain records only: every change is a new value made by a rule. */
import type { ChatMessage, Role, ThreadMember, ThreadSummary, User } from '@veche/contracts';
import { NO_NOTICES, type Notices } from './notices.rules.ts';

/** One event of a channel as clients see it; `data` by kind. */
export interface LogEvent {
  readonly channel: string;
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly actor: string;
  readonly command_id: string;
  readonly ts: number;
  readonly data: unknown;
}

/** A thread of the list. */
export interface Thread extends ThreadSummary {
  /** Messages numbered up to here are read; unread = last_number - read_number. */
  readonly read_number: number;
  /** Title, members and last message are folded up to here; `last_seq` may be ahead of it by a signal. */
  readonly folded_seq: number;
}

/** A message and the position up to which changes of it are folded in. */
export interface Shown extends ChatMessage {
  readonly folded_to: number;
}

/** The loaded stretch of one thread's log, always up to `seq` without a hole. */
export interface Timeline {
  readonly epoch: string;
  readonly seq: number;
  /** Ascending by seq. */
  readonly messages: readonly Shown[];
  /** The first message of the thread is among them. */
  readonly complete: boolean;
  /** Events that came before their turn; empty unless something was lost on the way. */
  readonly waiting: readonly LogEvent[];
}

export type Load = { readonly at: 'idle' } | { readonly at: 'loading' } | { readonly at: 'failed'; readonly why: string };

/** What is open at the moment. */
export interface Opened {
  readonly channel: string;
  readonly page: Load;
  readonly older: Load;
  /** Where the line "new messages" stands: the reader's marker when the thread was opened; null until it is known. */
  readonly readNumber: number | null;
  readonly members: readonly ThreadMember[];
  /** Client id → user id of whoever is subscribed. */
  readonly here: Readonly<Record<string, string>>;
  /** User id → until when (ms) to show that they are typing. */
  readonly typing: Readonly<Record<string, number>>;
}

/** Operations that the page sends and keeps until they are answered. */
export type CommandName = 'chat.create' | 'chat.send' | 'chat.edit' | 'chat.delete' | 'chat.react' | 'chat.add_member' | 'chat.remove_member' | 'chat.rename';

export interface Pending {
  readonly command_id: string;
  readonly name: CommandName;
  /** '' until a new thread has its name. */
  readonly channel: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly ts: number;
  /** Set once the server has answered: shown until the event itself arrives. */
  readonly seq?: number;
  /** Set once it was refused for good. */
  readonly refused?: string;
}

export type LinkState = 'off' | 'connecting' | 'live';

/** The connection as the line at the bottom shows it. */
export interface Link {
  readonly state: LinkState;
  readonly transport: string;
  readonly client: string;
  readonly reconnects: number;
  /** Events that the last resume brought; null before the first. */
  readonly recovered: number | null;
  /** Why it is off, in a sentence. */
  readonly why: string;
}

export interface Toast {
  readonly id: number;
  readonly text: string;
}

export interface State {
  readonly me: User | null;
  readonly people: Readonly<Record<string, User>>;
  readonly threads: Readonly<Record<string, Thread>>;
  readonly list: Load;
  /** `after` of the next page of threads. */
  readonly more: string | null;
  readonly opened: Opened | null;
  readonly timelines: Readonly<Record<string, Timeline>>;
  readonly pending: readonly Pending[];
  readonly notices: Notices;
  readonly link: Link;
  readonly toast: Toast | null;
}

export type { ChatMessage, Role, ThreadMember, ThreadSummary, User };

export const IDLE: Load = { at: 'idle' };
export const LOADING: Load = { at: 'loading' };
export const failed = (why: string): Load => ({ at: 'failed', why });

export const NOTHING: State = {
  me: null,
  people: {},
  threads: {},
  list: IDLE,
  more: null,
  opened: null,
  timelines: {},
  pending: [],
  notices: NO_NOTICES,
  link: { state: 'off', transport: '', client: '', reconnects: 0, recovered: null, why: '' },
  toast: null,
};
