/** Who belongs to the open thread, who is here, who is typing. */
import type { MemberAdded, MemberRemoved } from '@veche/contracts';
import { KINDS } from './kinds.ts';
import type { LogEvent, Opened, ThreadMember } from './model.ts';

export function withMembersOf(opened: Opened, event: LogEvent): Opened {
  switch (event.kind) {
    case KINDS.memberAdded:
    case KINDS.memberRoleChanged: {
      const { user, role } = event.data as MemberAdded;
      return { ...opened, members: [...without(opened.members, user), { user, role }] };
    }
    case KINDS.memberRemoved:
      return { ...opened, members: without(opened.members, (event.data as MemberRemoved).user) };
    case KINDS.messageSent: {
      const { [event.actor]: _done, ...typing } = opened.typing;
      return { ...opened, typing };
    }
    default:
      return opened;
  }
}

const without = (members: readonly ThreadMember[], user: string): ThreadMember[] => members.filter((member) => member.user !== user);

export const usersHere = (opened: Opened): readonly string[] => [...new Set(Object.values(opened.here))];

export const typingNow = (opened: Opened, me: string, now: number): readonly string[] =>
  Object.entries(opened.typing)
    .filter(([user, until]) => user !== me && until > now)
    .map(([user]) => user);
