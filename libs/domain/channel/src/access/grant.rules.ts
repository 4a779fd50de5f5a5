/** Who may do what on an application channel or an inbox. */
import { type Capability, type Channel, type ChannelOptions, type Grant, type Subject, VecheError } from '@veche/contracts';
import { hasHistory, type NamespaceOptions, type OpenTo } from '../namespace/namespace.rules.ts';
import { type Namespaces, PRIVATE_PREFIX } from '../namespace/namespaces.ts';

const INBOX: ChannelOptions = {
  durable: true,
  publications: 'signals',
  force_recovery: true,
  presence: false,
  join_leave: false,
  force_push_join_leave: false,
  presence_mode: 'edge',
};

/** @throws VecheError `unknown_channel` for a namespace that is not configured */
export function authorize(namespaces: Namespaces, channel: Channel, subject: Subject): Grant {
  if (channel.kind === 'user') return inboxGrant(channel, subject);
  const options = namespaces.of(channel);
  if (!options || channel.kind !== 'application') throw new VecheError('unknown_channel', `the namespace "${channel.namespace}" is not configured`);
  return applicationGrant(options, channel, subject);
}

/** An inbox is its user's own; whose it is not learns nothing about it. */
function inboxGrant({ id }: Channel, { user }: Subject): Grant {
  const own = id !== '' && id === user;
  return { subscribe: own, publish: false, history: own, presence: false, needs_token: false, options: INBOX };
}

function applicationGrant(options: NamespaceOptions, channel: Channel, subject: Subject): Grant {
  const capable = capabilities(subject, channel.name);
  const right = (capability: Capability, to: OpenTo): Right => rightOf(to, capable.includes(capability), channel, subject.user);
  const subscribe = right('subscribe', options.subscribe) === 'granted';
  const rest = {
    publish: right('publish', options.publish),
    history: right('history', options.read_history),
    presence: right('presence', options.read_presence),
  } as const;
  return {
    subscribe,
    publish: rest.publish === 'granted',
    history: rest.history === 'granted',
    presence: rest.presence === 'granted',
    needs_token: !subscribe && options.subscribe !== 'server',
    when_subscribed: (['publish', 'history', 'presence'] as const).filter((capability) => rest[capability] === 'when_subscribed'),
    options: channelOptions(options),
  };
}

type Right = 'granted' | 'when_subscribed' | 'refused';

/**
 * A capability of the connection token opens what is not for the server only. Names with `#` open to the users they list, whatever
 * the namespace says of others; private names (`$`) open to their subscribers, who came by a token.
 */
function rightOf(to: OpenTo, capable: boolean, { name }: Channel, user: string): Right {
  if (to === 'server') return 'refused';
  if (capable) return 'granted';
  if (to === 'token') return 'refused';
  const open = to === 'anyone' || to === 'signed_in';
  if (to === 'subscribers' || (open && name.startsWith(PRIVATE_PREFIX))) return user === '' ? 'refused' : 'when_subscribed';
  const limited = limitedTo(name);
  if (to === 'members' || limited) return user !== '' && (limited?.includes(user) ?? false) ? 'granted' : 'refused';
  return to === 'anyone' || user !== '' ? 'granted' : 'refused';
}

/** Users listed behind the last `#` of a user-limited name: `dialog#42,43`. */
export function limitedTo(name: string): readonly string[] | undefined {
  const boundary = name.lastIndexOf('#');
  return boundary < 0 ? undefined : name.slice(boundary + 1).split(',');
}

/** The first entry that names the channel decides, as in Centrifugo. */
function capabilities({ caps }: Subject, channel: string): readonly Capability[] {
  return caps.find(({ channels }) => channels.some((pattern) => matches(pattern, channel)))?.allow ?? [];
}

const matches = (pattern: string, channel: string): boolean => (pattern.endsWith('*') ? channel.startsWith(pattern.slice(0, -1)) : pattern === channel);

const channelOptions = (options: NamespaceOptions): ChannelOptions => ({
  durable: hasHistory(options),
  publications: hasHistory(options) ? 'events' : 'signals',
  force_recovery: options.force_recovery,
  presence: options.presence,
  join_leave: options.join_leave,
  force_push_join_leave: options.force_push_join_leave,
  presence_mode: 'client',
  ...(hasHistory(options) && { kept: { size: options.history_size, ttl_ms: options.history_ttl } }),
});
