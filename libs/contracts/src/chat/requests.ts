/** Questions to the chat owner. */
import { z } from 'zod';
import { ThreadChannelName } from '../channels.ts';
import { AuthorizeQueries, AuthorizeQuery, type Grant, type GrantOutcomes } from '../grants.ts';
import { EventId, Seq, UserId } from '../ids.ts';
import { request } from '../message.ts';
import type { Role } from './roles.ts';

export interface ThreadMember {
  readonly user: string;
  readonly role: Role;
}

export interface ThreadSummary {
  /** `<id>` of the channel `thread:<id>`. */
  readonly id: string;
  readonly channel: string;
  readonly title: string;
  readonly role: Role;
  readonly members: number;
  readonly last_seq: number;
  readonly last_number: number;
  /** Exact: messages after the reader's marker. */
  readonly unread: number;
  readonly read_seq: number;
  readonly last_message: ChatMessage | null;
  readonly updated_ts: number;
}

export interface ChatMessage {
  readonly id: string;
  readonly channel: string;
  readonly seq: number;
  readonly number: number;
  readonly actor: string;
  readonly command_id: string;
  readonly ts: number;
  /** '' once deleted. */
  readonly text: string;
  readonly reply_to?: string;
  readonly attachments?: readonly Record<string, unknown>[];
  readonly edited_ts?: number;
  readonly deleted?: true;
  /** Reaction → the users who gave it, in the order given. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
}

/** A page of the folded history and the position of the log that it reflects. */
export interface MessagePage {
  readonly messages: readonly ChatMessage[];
  readonly epoch: string;
  /** Subscribe from here to go on without a gap. */
  readonly last_seq: number;
}

const Paging = { limit: z.coerce.number().int().min(1).max(100).default(50) };

export const AuthorizeThread = request<Grant>()('chat.authorize-channel.v1', AuthorizeQuery);
export const AuthorizeThreads = request<GrantOutcomes>()('chat.authorize-channels.v1', AuthorizeQueries);
export const ListThreads = request<{ threads: readonly ThreadSummary[]; next: string | null }>()(
  'chat.list-threads.v1',
  z.strictObject({ user: UserId, ...Paging, /** `next` of the page before. */ after: z.string().max(200).optional() }),
);
export const GetThread = request<ThreadSummary>()('chat.get-thread.v1', z.strictObject({ user: UserId, channel: ThreadChannelName }));
export const ListMembers = request<{ members: readonly ThreadMember[]; next: string | null }>()(
  'chat.list-members.v1',
  z.strictObject({
    user: UserId,
    channel: ThreadChannelName,
    limit: z.coerce.number().int().min(1).max(1000).default(1000),
    /** `next` of the page before. */ after: z.string().max(200).optional(),
  }),
);
export const ListMessages = request<MessagePage>()(
  'chat.list-messages.v1',
  z
    .strictObject({
      user: UserId,
      channel: ThreadChannelName,
      ...Paging,
      before: z.coerce.number().pipe(Seq).optional(),
      after: z.coerce.number().pipe(Seq).optional(),
    })
    .refine((page) => page.before === undefined || page.after === undefined, 'give before or after, not both'),
);
export const GetMessage = request<ChatMessage>()('chat.get-message.v1', z.strictObject({ user: UserId, channel: ThreadChannelName, message_id: EventId }));
