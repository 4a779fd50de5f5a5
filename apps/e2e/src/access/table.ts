/** Who may do what, on which channel: the one table that every door is held to. A new operation without a row does not compile. */
import type { OperationName } from '@veche/contracts';

/** `none` has no credential, `backend` has an API key and nothing else. */
export const ROLES = ['none', 'stranger', 'reader', 'member', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** `ok`, or the name of the error that every door must answer with. */
export type Outcome = 'ok' | 'unauthorized' | 'permission_denied' | 'unknown_channel' | 'not_available' | 'not_found' | 'already_subscribed';

type Row = Readonly<Record<Role, Outcome>>;

const no = 'permission_denied';
const row = (none: Outcome, stranger: Outcome, reader: Outcome, member: Outcome, admin: Outcome, owner: Outcome): Row => ({
  none,
  stranger,
  reader,
  member,
  admin,
  owner,
});
const members = row('unauthorized', no, 'ok', 'ok', 'ok', 'ok');
const writers = row('unauthorized', no, no, 'ok', 'ok', 'ok');
const admins = row('unauthorized', no, no, no, 'ok', 'ok');
const signedIn = row('unauthorized', 'ok', 'ok', 'ok', 'ok', 'ok');

/** Operations on a thread, by RPC of each socket and by REST. What is edited is the owner's, what is deleted too. */
export const OPERATION_ACCESS = {
  'chat.create': signedIn,
  'chat.threads': signedIn,
  'chat.thread': members,
  'chat.rename': admins,
  'chat.members': members,
  'chat.add_member': admins,
  'chat.set_role': admins,
  'chat.remove_member': admins,
  'chat.send': writers,
  'chat.history': members,
  'chat.message': members,
  'chat.edit': row('unauthorized', no, no, no, no, 'ok'),
  'chat.delete': admins,
  'chat.react': writers,
  'chat.read': members,
  'chat.typing': writers,
  'auth.users': signedIn,
  'notification.list': signedIn,
  'notification.badge': signedIn,
  // Each has an inbox of their own: a notice of somebody else's is as unknown as one that never was.
  'notification.read': row('unauthorized', 'not_found', 'not_found', 'not_found', 'not_found', 'not_found'),
  'notification.read_all': signedIn,
  'notification.preferences': signedIn,
  'notification.set_preferences': signedIn,
  'notification.mute': signedIn,
} as const satisfies Record<OperationName, Row>;

/** Operations whose answer does not depend on a thread: there is no cell for a thread that does not exist. */
export const WITHOUT_THREAD: readonly OperationName[] = [
  'chat.create',
  'chat.threads',
  'auth.users',
  'notification.list',
  'notification.badge',
  'notification.read',
  'notification.read_all',
  'notification.preferences',
  'notification.set_preferences',
  'notification.mute',
];

export const CHANNEL_ACTIONS = ['subscribe', 'resume', 'history', 'publish', 'presence', 'history while subscribed', 'publish while subscribed'] as const;
export type ChannelAction = (typeof CHANNEL_ACTIONS)[number];

const all = (outcome: Outcome): Row => row(outcome, outcome, outcome, outcome, outcome, outcome);
const everybodySignedIn = row(no, 'ok', 'ok', 'ok', 'ok', 'ok');
const inThread = row(no, no, 'ok', 'ok', 'ok', 'ok');
const intoThread = row(no, no, no, 'ok', 'ok', 'ok');
const memberAlone = row(no, no, no, 'ok', no, no);
const ownerAlone = row(no, no, no, no, no, 'ok');
/** Their own inbox is subscribed for them when they connect. */
const ownInbox = row(no, no, no, no, no, 'already_subscribed');

const every = (of: Row): Readonly<Record<ChannelAction, Row>> => ({
  subscribe: of,
  resume: of,
  history: of,
  publish: of,
  presence: of,
  'history while subscribed': of,
  'publish while subscribed': of,
});

/** Channels by what they are for; namespaces are named by the level that all their rights have. */
export const CHANNEL_ACCESS: Readonly<Record<string, Readonly<Record<ChannelAction, Row>>>> = {
  'thread:real': { ...every(inThread), publish: intoThread, 'publish while subscribed': intoThread },
  'thread:missing': every(all(no)),
  'user:owner': {
    ...every(all(no)),
    subscribe: ownInbox,
    resume: ownInbox,
    history: ownerAlone,
    'history while subscribed': ownerAlone,
    presence: row(no, no, no, no, no, 'not_available'),
  },
  'user:missing': every(all(no)),
  'anyone:a': every(all('ok')),
  'signed_in:a': every(everybodySignedIn),
  'members:a#member': every(memberAlone),
  'subscribers:a': {
    ...every(all(no)),
    subscribe: everybodySignedIn,
    resume: everybodySignedIn,
    'history while subscribed': everybodySignedIn,
    'publish while subscribed': everybodySignedIn,
  },
  'listeners:a': { ...every(all(no)), subscribe: everybodySignedIn, resume: everybodySignedIn },
  'token:a': every(all(no)),
  'server:a': every(all(no)),
  'nowhere:a': every(all('unknown_channel')),
};

/** Settings of the namespaces above. Who may listen to `listeners` may not read what was said before. */
export const NAMESPACES = [
  ...['anyone', 'signed_in', 'members', 'token', 'server'].map((level) => namespace(level, level, level)),
  namespace('subscribers', 'signed_in', 'subscribers'),
  namespace('listeners', 'signed_in', 'server'),
];

function namespace(name: string, subscribe: string, rest: string): object {
  return { name, subscribe, publish: rest, read_history: rest, read_presence: rest, presence: true, history_size: 1000, history_ttl: '1h' };
}
