import type { ClientInfo } from '@veche/contracts';
import type { Session } from '../session/session.ts';

/** How others see a session on a channel. */
export function clientInfo({ identity, client }: Session, channelInfo?: unknown): ClientInfo {
  return {
    user: identity.user,
    client,
    ...(identity.info !== undefined && { conn_info: identity.info }),
    ...(channelInfo !== undefined && { chan_info: channelInfo }),
  };
}
