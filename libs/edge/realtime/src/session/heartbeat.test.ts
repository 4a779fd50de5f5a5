import { type CloseRow, DISCONNECTS } from '@veche/contracts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DirectSend } from '../delivery/direct-send.ts';
import { V2_SSE } from '../delivery/variants.ts';
import type { Transport } from '../door.ts';
import type { GatewayConfig } from '../gateway.config.ts';
import { Heartbeat } from './heartbeat.ts';
import type { LanguageHandler, SessionServices } from './services.ts';
import { Session } from './session.ts';

const MINUTE = 60_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A session that went live a moment ago, and what was written as the reason of its end. */
function live(config: Partial<GatewayConfig>): { readonly session: Session; readonly closed: () => number | undefined; readonly heartbeat: Heartbeat } {
  const settings = {
    GATEWAY_PING_MS: 25_000,
    GATEWAY_PONG_MS: 8_000,
    GATEWAY_CONNECT_MS: 10_000,
    GATEWAY_EXPIRY_GRACE_MS: 25_000,
    GATEWAY_MAX_OUTBOX_BYTES: 1_048_576,
    GATEWAY_MAX_AGE_MS: 0,
    GATEWAY_MAX_AGE_PER_SECOND: 50,
    ...config,
  };
  const clock = { now: () => Math.trunc(performance.now()), wall: () => Date.now() };
  const heartbeat = new Heartbeat(settings as GatewayConfig, clock, { write: () => {} } as unknown as DirectSend);
  let code: number | undefined;
  const transport = { framing: 'sse', door: 'sse', waitingBytes: 0, write: () => {}, close: (row: CloseRow) => (code = row.code) } as unknown as Transport;
  const services = { ended: (session: Session) => heartbeat.ended(session), closing: () => {}, subscriptionsExpire: () => {} };
  const session = new Session(transport, { address: '' }, V2_SSE, {} as LanguageHandler<Session>, services as unknown as SessionServices<Session>);
  heartbeat.opened(session);
  session.phase = 'live';
  heartbeat.live(session);
  return { session, closed: () => code, heartbeat };
}

it.each([1, 30])('asks a session to reconnect at an age of %i minutes, give or take a fifth', async (minutes) => {
  const { closed, heartbeat } = live({ GATEWAY_MAX_AGE_MS: minutes * MINUTE });
  await vi.advanceTimersByTimeAsync(minutes * MINUTE * 0.8 - 200);
  expect(closed()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(minutes * MINUTE * 0.4 + 400);
  expect(closed()).toBe(DISCONNECTS.force_reconnect.code);
  await heartbeat.onApplicationShutdown();
});

it('leaves a session alone for as long as it likes where no age is set', async () => {
  const { closed, heartbeat } = live({});
  await vi.advanceTimersByTimeAsync(3 * 60 * MINUTE);
  expect(closed()).toBeUndefined();
  await heartbeat.onApplicationShutdown();
});

it('of an age and the end of a token whichever comes first counts', async () => {
  const { session, closed, heartbeat } = live({ GATEWAY_MAX_AGE_MS: 30 * MINUTE });
  session.identity = { ...session.identity, expiresAt: Date.now() + 5 * MINUTE };
  heartbeat.expiring(session);
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  expect(closed()).toBe(DISCONNECTS.expired.code);
  await heartbeat.onApplicationShutdown();
});
