/** What happens to a thread and its members; each is an event of the thread's channel. */
import { z } from 'zod';
import { UserId } from '../ids.ts';
import { type DataOf, event } from '../message.ts';
import { Role } from './roles.ts';

const Member = z.object({ user: UserId, role: Role });

export const ThreadCreated = event('chat.thread-created.v1', z.object({ title: z.string(), members: z.array(Member) }));
export const ThreadRenamed = event('chat.thread-renamed.v1', z.object({ title: z.string() }));
export const MemberAdded = event('chat.member-added.v1', Member);
export const MemberRoleChanged = event('chat.member-role-changed.v1', Member);
/** Cuts the live subscriptions of the user to the thread. */
export const MemberRemoved = event('chat.member-removed.v1', z.object({ user: UserId }));

export type ThreadCreated = DataOf<typeof ThreadCreated>;
export type ThreadRenamed = DataOf<typeof ThreadRenamed>;
export type MemberAdded = DataOf<typeof MemberAdded>;
export type MemberRoleChanged = DataOf<typeof MemberRoleChanged>;
export type MemberRemoved = DataOf<typeof MemberRemoved>;
