/** Replies to all commands of one body, in their order, to the process that sent it. */
import type { CommandReply } from '@veche/contracts';
import type { MessageProperties, Options } from 'amqplib';
import { UNKNOWN } from '../commands/pending-command.ts';
import type { Answer } from '../rabbitmq/replies.ts';

const REPLIES = 'command-replies';
/** The body was sent before, or may have been: that nothing was done can no longer be said of it. */
const RESENT = 'veche-resent';
/** By the sender's clock, which deadlines are by as well. */
const SENT_AT = 'veche-sent-at';
/** How often quorum queues have taken a message back from a consumer. */
const DELIVERY_COUNT = 'x-delivery-count';

/** Names the queue, so that a late reply finds the way to it. */
export const batchId = (queue: number, unique: string): string => `${queue}:${unique}`;

export interface BodyFacts {
  readonly id: string;
  readonly replyTo: string;
  readonly resent: boolean;
  readonly sentAt: number;
}

export const bodyProperties = ({ id, replyTo, resent, sentAt }: BodyFacts): Options.Publish & { readonly messageId: string } => ({
  messageId: id,
  replyTo,
  mandatory: true,
  deliveryMode: 2,
  headers: { [SENT_AT]: sentAt, ...(resent && { [RESENT]: true }) },
});

/** Whether nobody can have handled it before. */
export const isFirstCopy = ({ headers }: MessageProperties, redelivered: boolean): boolean => !redelivered && headers?.[RESENT] !== true;

/** By the sender's clock; undefined for what does not say. */
export function sentAtOf({ headers }: MessageProperties): number | undefined {
  const at: unknown = headers?.[SENT_AT];
  return typeof at === 'number' && Number.isFinite(at) ? at : undefined;
}

/** 1 at the first delivery. */
export function attemptOf({ headers }: MessageProperties): number {
  const count: unknown = headers?.[DELIVERY_COUNT];
  return typeof count === 'number' && count > 0 ? count + 1 : 1;
}

export const repliesBody = (replies: readonly CommandReply[]): Buffer => Buffer.from(JSON.stringify(replies));
/** Transient: they outlive neither the asker's queue nor its deadline. */
export const repliesProperties = (id: string): Options.Publish => ({ correlationId: id, type: REPLIES, deliveryMode: 1 });

/** One for each command of the body; what is missing is unknown. */
export function repliesOf({ content }: Answer, commands: number): CommandReply[] {
  let replies: readonly CommandReply[] = [];
  try {
    const parsed: unknown = JSON.parse(content.toString());
    if (Array.isArray(parsed)) replies = parsed as CommandReply[];
  } catch {
    // Not ours: nothing is known.
  }
  return Array.from({ length: commands }, (_, index) => replies[index] ?? UNKNOWN);
}

/** The queue that a late reply is about; undefined for an answer of another kind. */
export function queueOfReply({ properties }: Answer): number | undefined {
  if (properties.type !== REPLIES) return undefined;
  const queue = Number.parseInt(String(properties.correlationId), 10);
  return Number.isInteger(queue) ? queue : undefined;
}
