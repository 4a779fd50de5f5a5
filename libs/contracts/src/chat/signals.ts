/** Signals of the chat: never stored. */
import type { Role } from './roles.ts';

/** On the thread; show it for five seconds. */
export const TYPING = 'chat.typing-started.v1';
/** On each member's `user:<id>`, at most one a second a thread: the thread list changes without a subscription to every thread. */
export const THREAD_ACTIVITY = 'chat.thread-activity.v1';
/** On the `user:<id>` of whoever was added to or removed from a thread. */
export const MEMBERSHIP_CHANGED = 'chat.membership-changed.v1';

export interface ThreadActivity {
  readonly thread: string;
  readonly last_seq: number;
  readonly last_number: number;
}
export interface MembershipChanged {
  readonly thread: string;
  /** null: no longer a member. */
  readonly role: Role | null;
}
