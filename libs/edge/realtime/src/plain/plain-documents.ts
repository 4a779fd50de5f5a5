/** Documents of the plain JSON socket. */
import { type CloseRow, ERRORS, VecheError } from '@veche/contracts';
import { plainEvent } from '../delivery/documents.ts';
import type { Joined } from '../subscribe/wish.ts';

/** What a client chose to name its request; repeated in the answer. */
export type RequestId = string | number;

export const connected = (client: string, user: string): string => JSON.stringify({ type: 'connected', client, user });

/** What was missed follows in the same frame as ordinary events. */
export function joined(channel: string, { epoch, offset, lost, publications }: Joined): string[] {
  const head = {
    type: 'joined',
    channel,
    ...(channel.startsWith('thread:') && { thread: channel.slice(7) }),
    epoch,
    seq: offset,
    recovered: !lost,
  };
  return [JSON.stringify(head), ...publications.map(plainEvent)];
}

export const left = (channel: string, reason?: CloseRow): string =>
  JSON.stringify({ type: 'left', channel, ...(reason && { code: reason.code, reason: reason.reason }) });

export const acknowledged = (id: RequestId | undefined, result: object): string => JSON.stringify({ type: 'ack', ack: id, ...result });

export function refused(id: RequestId | undefined, error: VecheError): string {
  const { code, retryable } = ERRORS[error.error];
  const { message, details, retryAfterMs } = error;
  return JSON.stringify({
    type: 'error',
    ...(id !== undefined && { id }),
    error: {
      code,
      name: error.error,
      message,
      ...(retryable && { retryable }),
      ...(retryAfterMs !== undefined && { retry_after: Math.ceil(retryAfterMs / 1000) }),
      ...(details.length > 0 && { details }),
    },
  });
}
