/**
 * What a signed-in client may ask: one table, rendered as RPC on the sockets and as REST.
 * A path parameter `:thread` becomes `channel: "thread:<id>"`; other parameters are fields of the same name.
 */
import { z } from 'zod';
import { AddMember } from './chat/add-member.command.ts';
import { CreateThread } from './chat/create-thread.command.ts';
import { DeleteMessage } from './chat/delete-message.command.ts';
import { EditMessage } from './chat/edit-message.command.ts';
import { MarkRead } from './chat/mark-read.command.ts';
import { React } from './chat/react.command.ts';
import { RemoveMember } from './chat/remove-member.command.ts';
import { RenameThread } from './chat/rename-thread.command.ts';
import { GetMessage, GetThread, ListMembers, ListMessages, ListThreads } from './chat/requests.ts';
import { SendMessage } from './chat/send-message.command.ts';
import { SetRole } from './chat/set-role.command.ts';
import { FindUsers } from './auth/requests.ts';
import { MuteThread } from './notification/mute-thread.command.ts';
import { ReadAllNotices } from './notification/read-all-notices.command.ts';
import { ReadNotice } from './notification/read-notice.command.ts';
import { GetBadge, GetPreferences, ListNotices } from './notification/requests.ts';
import { SetPreferences } from './notification/set-preferences.command.ts';
import { ThreadChannelName } from './channels.ts';
import { CommandId } from './ids.ts';
import type { CommandContract, RequestContract } from './message.ts';

export interface Route {
  readonly verb: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly status: 200 | 201 | 202;
}

export interface Operation {
  readonly route: Route;
  readonly summary: string;
  /** Of the parameters as the client sends them. */
  readonly params: z.ZodObject;
  readonly becomes:
    | { readonly shape: 'command'; readonly contract: CommandContract; /** Where it is appended. */ readonly on: 'channel' | 'new-thread' | 'own-inbox' }
    | { readonly shape: 'request'; readonly contract: RequestContract; /** The signed-in user is added to the query as `user`. */ readonly as_user: boolean }
    | { readonly shape: 'signal'; readonly kind: string };
  /** Fields that may name users by login: resolved to ids before the command leaves the edge. */
  readonly users?: readonly string[];
  /** Counted by the message limit. */
  readonly limited: boolean;
}

const route = (verb: Route['verb'], path: string, status: Route['status'] = 200): Route => ({ verb, path, status });
const idempotent = { command_id: CommandId.optional() };
const inThread = { channel: ThreadChannelName };

const onChannel = (contract: CommandContract<z.ZodObject>, where: Route, summary: string, users?: readonly string[]): Operation => ({
  route: where,
  summary,
  params: z.strictObject({ ...inThread, ...idempotent, ...contract.schema.shape }),
  becomes: { shape: 'command', contract, on: 'channel' },
  limited: true,
  ...(users && { users }),
});

/** Of one's own `user:<id>`. What can be repeated without end into its log is counted by the message limit. */
const onInbox = (contract: CommandContract<z.ZodObject>, where: Route, summary: string, { limited }: { limited: boolean }): Operation => ({
  route: where,
  summary,
  params: z.strictObject({ ...idempotent, ...contract.schema.shape }),
  becomes: { shape: 'command', contract, on: 'own-inbox' },
  limited,
});

const asks = (contract: RequestContract<z.ZodObject>, where: Route, summary: string): Operation => {
  const { user, ...fields } = contract.schema.shape as Record<string, z.ZodType>;
  return { route: where, summary, params: z.strictObject(fields), becomes: { shape: 'request', contract, as_user: user !== undefined }, limited: false };
};

const THREAD = '/chat/threads/:thread';
const MESSAGE = `${THREAD}/messages/:message_id`;

export const OPERATIONS = {
  'chat.create': {
    route: route('POST', '/chat/threads', 201),
    summary: 'Create a thread; members are logins or user ids',
    params: z.strictObject({ ...idempotent, ...CreateThread.schema.shape }),
    becomes: { shape: 'command', contract: CreateThread, on: 'new-thread' },
    users: ['members'],
    limited: true,
  },
  'chat.threads': asks(ListThreads, route('GET', '/chat/threads'), 'List threads with exact unread counts and the last message, latest first'),
  'chat.thread': asks(GetThread, route('GET', THREAD), 'One thread as the reader sees it'),
  'chat.rename': onChannel(RenameThread, route('PATCH', THREAD), 'Rename a thread'),
  'chat.members': asks(ListMembers, route('GET', `${THREAD}/members`), 'List the members of a thread'),
  'chat.add_member': onChannel(AddMember, route('POST', `${THREAD}/members`, 201), 'Add a member, by login or user id', ['user']),
  'chat.set_role': onChannel(SetRole, route('PATCH', `${THREAD}/members/:user`), 'Change the role of a member'),
  'chat.remove_member': onChannel(RemoveMember, route('DELETE', `${THREAD}/members/:user`), 'Remove a member, or leave'),
  'chat.send': onChannel(SendMessage, route('POST', `${THREAD}/messages`, 201), 'Send a message'),
  'chat.history': asks(
    ListMessages as unknown as RequestContract<z.ZodObject>,
    route('GET', `${THREAD}/messages`),
    'Messages before or after a position, with edits and reactions folded in',
  ),
  'chat.message': asks(GetMessage, route('GET', MESSAGE), 'One message with edits and reactions folded in'),
  'chat.edit': onChannel(EditMessage, route('PATCH', MESSAGE), 'Edit a message'),
  'chat.delete': onChannel(DeleteMessage, route('DELETE', MESSAGE), 'Delete a message'),
  'chat.react': onChannel(React, route('POST', `${MESSAGE}/reactions`), 'Give or take back a reaction'),
  'chat.read': {
    route: route('POST', `${THREAD}/read`),
    summary: 'Mark a thread as read up to a position',
    params: z.strictObject({ ...inThread, ...idempotent, seq: MarkRead.schema.shape.seq }),
    becomes: { shape: 'command', contract: MarkRead, on: 'own-inbox' },
    limited: false,
  },
  'chat.typing': {
    route: route('POST', `${THREAD}/typing`, 202),
    summary: 'Tell the thread that the user is typing',
    params: z.strictObject(inThread),
    becomes: { shape: 'signal', kind: 'chat.typing-started.v1' },
    limited: false,
  },
  'notification.list': asks(ListNotices, route('GET', '/notifications'), 'Notices, the newest first, with the exact unread count'),
  'notification.badge': asks(GetBadge, route('GET', '/notifications/badge'), 'How many notices are unread, exactly'),
  'notification.read': onInbox(ReadNotice, route('POST', '/notifications/:notice_id/read'), 'Mark one notice as read', { limited: false }),
  'notification.read_all': onInbox(ReadAllNotices, route('POST', '/notifications/read'), 'Mark all notices as read, or those up to a position', {
    limited: false,
  }),
  'notification.preferences': asks(GetPreferences, route('GET', '/notifications/preferences'), 'Which kinds of notice one gets, and which threads are muted'),
  'notification.set_preferences': onInbox(SetPreferences, route('PATCH', '/notifications/preferences'), 'Turn kinds of notice on or off', { limited: true }),
  'notification.mute': {
    route: route('PUT', '/notifications/muted/:thread'),
    summary: 'Mute a thread, or unmute it with `muted` false',
    params: z.strictObject({ ...inThread, ...idempotent, muted: MuteThread.schema.shape.muted }),
    becomes: { shape: 'command', contract: MuteThread, on: 'own-inbox' },
    limited: true,
  },
  'auth.users': asks(FindUsers, route('GET', '/auth/users'), 'Users by ids, logins or a prefix'),
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
