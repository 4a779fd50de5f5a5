import { MAX_SUBSCRIPTIONS } from '@veche/contracts';
import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';
import { isNetwork } from './limits/networks.ts';

const whole = (initially: number, min: number, max: number) => z.coerce.number().int().min(min).max(max).default(initially);
const networks = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  .pipe(z.array(z.string().refine(isNetwork, 'must be a network such as 10.0.0.0/8 or 2001:db8::/32')))
  .meta({ allowed: 'networks in CIDR form, separated by commas' });

export const gatewayConfig = section('gateway', {
  GATEWAY_SERVER_ID: setting(z.string().max(64).default(''), 'Name of this process in metrics and as `node` of streams; empty: the host name and process id'),
  GATEWAY_NODE_BEAT_MS: setting(
    whole(2_000, 100, 10_000),
    'Milliseconds between two signs of life among the processes of the edge; after three missed ones a process counts as gone. Equal in every process.',
  ),
  GATEWAY_WS_MAX_OUTBOX: setting(whole(100, 1, 10_000), 'Frames that may wait in memory for one slow session before it is closed with 3008'),
  GATEWAY_MAX_OUTBOX_BYTES: setting(
    whole(1_048_576, 65_536, 67_108_864),
    'Bytes that may wait for one slow session, or be sent without an answered ping, before it is closed with 3008',
  ),
  GATEWAY_DRAIN_TIMEOUT_MS: setting(whole(10_000, 100, 600_000), 'Milliseconds without any drain of a waiting outbox before the session is closed with 3008'),
  GATEWAY_PING_MS: setting(whole(25_000, 1_000, 600_000), 'Milliseconds between two pings of a session'),
  GATEWAY_PONG_MS: setting(whole(8_000, 500, 300_000), 'Milliseconds to wait for the answer to a ping before the session is closed with 3012'),
  GATEWAY_CONNECT_MS: setting(whole(10_000, 100, 60_000), 'Milliseconds that a new session may take to say who it is before it is closed with 3502'),
  GATEWAY_EXPIRY_GRACE_MS: setting(
    whole(25_000, 0, 600_000),
    "Milliseconds after the token's expiry in which the client may still refresh it before the session is closed with 3005",
  ),
  GATEWAY_POSITION_CHECK_MS: setting(
    whole(4_500, 100, 60_000),
    'Milliseconds in which every channel is compared with its log once, so that a lost last event is found',
  ),
  GATEWAY_MAX_SUBSCRIPTIONS: setting(whole(MAX_SUBSCRIPTIONS, 1, 100_000), 'Channels that one session may be subscribed to'),
  GATEWAY_MAX_SESSIONS: setting(whole(100_000, 1, 10_000_000), 'Sessions of one process; more are refused with 503'),
  GATEWAY_MAX_SESSIONS_PER_USER: setting(whole(1_000, 1, 1_000_000), 'Sessions of one user in one process; more are closed with 3504'),
  GATEWAY_MAX_SESSIONS_PER_ADDRESS: setting(
    whole(100_000, 1, 10_000_000),
    'Sessions of one client address (IPv6: /64) in one process; more are refused with 429',
  ),
  GATEWAY_MESSAGES_PER_MINUTE: setting(whole(100, 1, 1_000_000), 'Messages that one user may send in any 60 seconds, over all doors'),
  GATEWAY_RECONNECTS_PER_MINUTE: setting(whole(10, 1, 1_000_000), 'Reconnects that one client address may make in any 60 seconds; more are refused with 429'),
  GATEWAY_CONNECTS_PER_USER: setting(
    whole(60, 1, 1_000_000),
    'Connects that one signed-in user may make in any 60 seconds after a session of theirs has ended; more are answered with error 111',
  ),
  GATEWAY_RECONNECT_ALLOW: setting(networks, 'Client networks (CIDR, separated by commas) that the reconnect limit does not count, e.g. 127.0.0.0/8,::1/128'),
  RESUME_MAX_EVENTS: setting(
    whole(1_000_000, 300, 1_000_000_000),
    'Events that a session may resume over, in pages; a longer gap is answered with recovered: false',
  ),
  GATEWAY_GRANT_TTL_MS: setting(whole(60_000, 0, 60_000), "Milliseconds that a grant of a channel's owner is remembered"),
  GATEWAY_LOG_READS: setting(whole(32, 1, 1_000), 'Reads of the log that one process has in flight at most'),
  GATEWAY_LEAVE_DELAY_MS: setting(
    whole(15_000, 0, 60_000),
    'Milliseconds that a user may be away from a thread before others are told, so that a reload goes unnoticed',
  ),
  GATEWAY_PRESENCE_LIST: setting(whole(200, 1, 10_000), 'Members of a thread up to which presence is a list; above it only a count is given'),
  GATEWAY_NATIVE_SEND: setting(
    z.enum(['auto', 'off']).default('auto'),
    'auto: broadcasts go through the native send loop where it was compiled; off: always through the streams of Node',
  ),
  GATEWAY_DRAIN_MS: setting(
    whole(500, 0, 600_000),
    'Milliseconds over which sessions are told to move when the process stops, at an even rate; VECHE_SHUTDOWN_MS must leave room for it',
  ),
  GATEWAY_ACCEPTS_PER_SECOND: setting(
    whole(0, 0, 100_000),
    'Handshakes (upgrades, streams) that one process takes in a second, one second of them at once; more are refused with 503 and Retry-After. 0: as many as come',
  ),
  GATEWAY_MAX_AGE_MS: setting(
    z.coerce
      .number()
      .int()
      .max(86_400_000)
      .default(0)
      .refine((ms) => ms === 0 || ms >= 60_000, 'must be 0, or at least 60000')
      .meta({ allowed: '0, or a whole number from 60000 to 86400000' }),
    'Milliseconds after which a session is told to reconnect (3011), give or take a fifth, so that sessions move to processes that were added; 0: never',
  ),
  GATEWAY_MAX_AGE_PER_SECOND: setting(whole(50, 1, 10_000), 'Sessions of one process that are told in a second to reconnect because of their age'),
});
export type GatewayConfig = ConfigOf<typeof gatewayConfig>;
