/** The form that all membership handlers share: load the standings once, decide in order, let each decision change what the next one meets. */
import { type ChannelEvent, MEMBERSHIP_CHANGED, type MembershipChanged, type Role, type Signal, userChannel } from '@veche/contracts';
import type { Decision, OwnedCommand } from '@veche/event-log';
import { NOT_PERMITTED, type Ruling } from '../decision.ts';
import type { Standing } from './membership.rules.ts';
import type { Standings } from './standing.repository.ts';

export interface Rule<D> {
  readonly rule: (standing: Standing, command: OwnedCommand<D>) => Ruling;
  /** Called when the rule lets the command through; moves the standing on. */
  readonly apply: (standing: Standing, command: OwnedCommand<D>) => Decision;
}

export function decide<D>(commands: readonly OwnedCommand<D>[], threads: Standings, { rule, apply }: Rule<D>): Decision[] {
  return commands.map((command) => {
    const standing = threads.get(command.channel.id);
    return standing ? (rule(standing, command) ?? apply(standing, command)) : NOT_PERMITTED;
  });
}

/** Tells a user's devices, which may not be subscribed to the thread. */
export function membershipSignal({ channel, actor }: ChannelEvent, user: string, role: Role | null): Signal {
  const data: MembershipChanged = { thread: channel, role };
  return { channel: userChannel(user), kind: MEMBERSHIP_CHANGED, actor, data: JSON.stringify(data), meta: null };
}
