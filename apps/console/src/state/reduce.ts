/** The one function that makes the next state; everything in it is pure. */
import type { MessagePage, NoticePage, ThreadActivity } from '@veche/contracts';
import {
  IDLE,
  type Link,
  LOADING,
  type LogEvent,
  NOTHING,
  type Opened,
  type Pending,
  type State,
  type ThreadMember,
  type ThreadSummary,
  type Timeline,
  type User,
  failed,
} from './model.ts';
import { type InboxEvent, paged, withEvent } from './notices.rules.ts';
import { withMembersOf } from './opened.rules.ts';
import { unsettled } from './pending.rules.ts';
import { active, readUpTo, summarised, touched } from './threads.rules.ts';
import { applied, extended, replaced } from './timeline.rules.ts';

export type Action =
  | { readonly type: 'signed-in'; readonly me: User; readonly pending: readonly Pending[] }
  | { readonly type: 'signed-out' }
  | { readonly type: 'people'; readonly users: readonly User[] }
  | { readonly type: 'list-loading' }
  | { readonly type: 'list-failed'; readonly why: string }
  | { readonly type: 'list-page'; readonly threads: readonly ThreadSummary[]; readonly next: string | null; readonly first: boolean }
  | { readonly type: 'thread'; readonly summary: ThreadSummary }
  | { readonly type: 'thread-gone'; readonly channel: string }
  | { readonly type: 'activity'; readonly activity: ThreadActivity }
  | { readonly type: 'read'; readonly thread: string; readonly seq: number; readonly number: number }
  | { readonly type: 'opened'; readonly channel: string }
  | { readonly type: 'closed' }
  | { readonly type: 'page-failed'; readonly channel: string; readonly why: string }
  | { readonly type: 'page-loaded'; readonly channel: string; readonly page: MessagePage; readonly limit: number }
  | { readonly type: 'older'; readonly channel: string; readonly load: Opened['older'] }
  | { readonly type: 'older-loaded'; readonly channel: string; readonly page: MessagePage; readonly limit: number }
  | { readonly type: 'event'; readonly event: LogEvent }
  | { readonly type: 'members'; readonly channel: string; readonly members: readonly ThreadMember[] }
  | { readonly type: 'here'; readonly channel: string; readonly here: Opened['here'] }
  | { readonly type: 'joined'; readonly channel: string; readonly client: string; readonly user: string }
  | { readonly type: 'left'; readonly channel: string; readonly user: string }
  | { readonly type: 'typing'; readonly channel: string; readonly user: string; readonly until: number }
  | { readonly type: 'swept'; readonly now: number }
  | { readonly type: 'pending'; readonly command: Pending }
  | { readonly type: 'answered'; readonly command_id: string; readonly seq: number }
  | { readonly type: 'refused'; readonly command_id: string; readonly why: string }
  | { readonly type: 'dropped'; readonly command_id: string }
  | { readonly type: 'notices'; readonly page: NoticePage }
  | { readonly type: 'noticed'; readonly event: InboxEvent }
  | { readonly type: 'link'; readonly link: Partial<Link> }
  | { readonly type: 'toast'; readonly text: string };

type Of<T extends Action['type']> = Extract<Action, { readonly type: T }>;
type Rules = { readonly [T in Action['type']]: (state: State, action: Of<T>) => State };

const RULES: Rules = {
  'signed-in': (state, { me, pending }) => ({ ...NOTHING, link: state.link, list: LOADING, me, pending, people: { [me.id]: me } }),
  'signed-out': () => NOTHING,
  people: (state, { users }) => ({ ...state, people: { ...state.people, ...Object.fromEntries(users.map((user) => [user.id, user])) } }),
  'list-loading': (state) => ({ ...state, list: LOADING }),
  'list-failed': (state, { why }) => ({ ...state, list: failed(why) }),
  'list-page': listPage,
  thread: (state, { summary }) =>
    lineDrawn({ ...state, threads: { ...state.threads, [summary.channel]: summarised(state.threads[summary.channel], summary) } }),
  'thread-gone': threadGone,
  activity: (state, { activity }) => onThread(state, activity.thread, (thread) => active(thread, activity)),
  read: (state, { thread, seq, number }) => onThread(state, thread, (known) => readUpTo(known, seq, number)),
  opened: openThread,
  closed: (state) => ({ ...state, opened: null }),
  'page-failed': (state, { channel, why }) => onOpened(state, channel, (opened) => ({ ...opened, page: failed(why) })),
  'page-loaded': pageLoaded,
  older: (state, { channel, load }) => onOpened(state, channel, (opened) => ({ ...opened, older: load })),
  'older-loaded': (state, { channel, page, limit }) =>
    onOpened(
      onTimeline(state, channel, (timeline) => extended(timeline, page, limit)),
      channel,
      (opened) => ({ ...opened, older: IDLE }),
    ),
  event: onEvent,
  members: (state, { channel, members }) => onOpened(state, channel, (opened) => ({ ...opened, members })),
  here: (state, { channel, here }) => onOpened(state, channel, (opened) => ({ ...opened, here })),
  joined: (state, { channel, client, user }) => onOpened(state, channel, (opened) => ({ ...opened, here: { ...opened.here, [client]: user } })),
  // Presence on threads is told by edges: a leave means that the last session of the user has gone.
  left: (state, { channel, user }) =>
    onOpened(state, channel, (opened) => ({ ...opened, here: Object.fromEntries(Object.entries(opened.here).filter(([, other]) => other !== user)) })),
  typing: (state, { channel, user, until }) => onOpened(state, channel, (opened) => ({ ...opened, typing: { ...opened.typing, [user]: until } })),
  swept: sweep,
  pending: (state, { command }) => ({ ...state, pending: [...state.pending.filter((other) => other.command_id !== command.command_id), command] }),
  answered: (state, { command_id, seq }) => settle(onPending(state, command_id, (command) => ({ ...command, seq }))),
  refused: (state, { command_id, why }) => onPending(state, command_id, (command) => ({ ...command, refused: why })),
  dropped: (state, { command_id }) => ({ ...state, pending: state.pending.filter((command) => command.command_id !== command_id) }),
  notices: (state, { page }) => ({ ...state, notices: paged(state.notices, page) }),
  noticed: (state, { event }) => ({ ...state, notices: withEvent(state.notices, event) }),
  link: (state, { link }) => ({ ...state, link: { ...state.link, ...link } }),
  toast: (state, { text }) => ({ ...state, toast: text ? { id: (state.toast?.id ?? 0) + 1, text } : null }),
};

export function reduce(state: State, action: Action): State {
  const rule = RULES[action.type] as (state: State, action: Action) => State;
  return rule(state, action);
}

function listPage(state: State, { threads, next, first }: Of<'list-page'>): State {
  const merged = Object.fromEntries(threads.map((summary) => [summary.channel, summarised(state.threads[summary.channel], summary)]));
  return lineDrawn({ ...state, list: IDLE, more: next, threads: { ...(first ? behind(state.threads, threads, next) : state.threads), ...merged } });
}

/** Of the threads known before a first page: those that belong on a later one. The rest is no longer ours. */
function behind(known: State['threads'], page: readonly ThreadSummary[], next: string | null): State['threads'] {
  const oldest = Math.min(...page.map((summary) => summary.updated_ts));
  return next === null ? {} : Object.fromEntries(Object.entries(known).filter(([, thread]) => thread.updated_ts < oldest));
}

function threadGone(state: State, { channel }: Of<'thread-gone'>): State {
  const { [channel]: _thread, ...threads } = state.threads;
  const { [channel]: _timeline, ...timelines } = state.timelines;
  return { ...state, threads, timelines, opened: state.opened?.channel === channel ? null : state.opened };
}

function openThread(state: State, { channel }: Of<'opened'>): State {
  const page = state.timelines[channel] ? IDLE : LOADING;
  return lineDrawn({ ...state, opened: { channel, page, older: IDLE, readNumber: null, members: [], here: {}, typing: {} } });
}

/** The line above what is new stays where it was when the thread was opened, however far the marker moves. */
function lineDrawn(state: State): State {
  const { opened } = state;
  const thread = opened && state.threads[opened.channel];
  return thread && opened.readNumber === null
    ? { ...state, opened: { ...opened, readNumber: thread.unread > 0 ? thread.read_number : Number.MAX_SAFE_INTEGER } }
    : state;
}

function pageLoaded(state: State, { channel, page, limit }: Of<'page-loaded'>): State {
  const timelines = { ...state.timelines, [channel]: replaced(state.timelines[channel], page, limit) };
  return settle(onOpened({ ...state, timelines }, channel, (opened) => ({ ...opened, page: IDLE, older: IDLE })));
}

function onEvent(state: State, { event }: Of<'event'>): State {
  const before = state.timelines[event.channel];
  const next = onTimeline(state, event.channel, (timeline) => applied(timeline, event));
  const after = next.timelines[event.channel];
  // Seen before or ahead of its turn: nothing else changes. Filling a gap: what waited behind it counts now.
  const due = before && after ? [...before.waiting, event].filter(({ seq }) => seq > before.seq && seq <= after.seq) : [event];
  return settle(due.sort((a, b) => a.seq - b.seq).reduce(noticed, next));
}

function noticed(state: State, event: LogEvent): State {
  const listed = onThread(state, event.channel, (thread) => touched(thread, event, state.me?.id ?? ''));
  return onOpened(listed, event.channel, (opened) => withMembersOf(opened, event));
}

function sweep(state: State, { now }: Of<'swept'>): State {
  const { opened } = state;
  if (!opened || Object.values(opened.typing).every((until) => until > now)) return state;
  return { ...state, opened: { ...opened, typing: Object.fromEntries(Object.entries(opened.typing).filter(([, until]) => until > now)) } };
}

/** Drops the commands whose events have arrived. */
function settle(state: State): State {
  const pending = unsettled(state.pending, state.timelines);
  return pending === state.pending ? state : { ...state, pending };
}

function onThread(state: State, channel: string, change: (thread: State['threads'][string]) => State['threads'][string]): State {
  const thread = state.threads[channel];
  return thread ? { ...state, threads: { ...state.threads, [channel]: change(thread) } } : state;
}

function onTimeline(state: State, channel: string, change: (timeline: Timeline) => Timeline): State {
  const timeline = state.timelines[channel];
  return timeline ? { ...state, timelines: { ...state.timelines, [channel]: change(timeline) } } : state;
}

function onOpened(state: State, channel: string, change: (opened: Opened) => Opened): State {
  return state.opened?.channel === channel ? { ...state, opened: change(state.opened) } : state;
}

function onPending(state: State, id: string, change: (command: Pending) => Pending): State {
  return { ...state, pending: state.pending.map((command) => (command.command_id === id ? change(command) : command)) };
}
