import type { Allowed } from '@veche/platform-redis';
import { expect, it } from 'vitest';
import type { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { Entrance, NotAdmitted } from './entrance.ts';
import type { SessionLimits } from './limits.ts';

function entrance(perSecond: number, handshake: (address: string) => Allowed = () => ({ ok: true, retryAfterMs: 0 })) {
  const causes: string[] = [];
  const time = { now: 0 };
  const limits = { handshake: async (address: string) => handshake(address) } as unknown as SessionLimits;
  const telemetry = { connectFailed: (cause: string) => void causes.push(cause) } as unknown as RealtimeTelemetry;
  const made = new Entrance(limits, telemetry, { GATEWAY_ACCEPTS_PER_SECOND: perSecond }, { now: () => time.now, wall: () => 0 });
  return { entrance: made, causes, time };
}

const refusalOf = (admitted: Promise<void>): Promise<NotAdmitted> =>
  admitted.then(
    () => Promise.reject(new Error('it was let in')),
    (error: NotAdmitted) => error,
  );

it('lets so many a second in and tells the others when to come, each another time', async () => {
  const { entrance: door, causes, time } = entrance(5);
  for (let n = 0; n < 5; n++) await door.admit('192.0.2.1');
  const refusals = await Promise.all(Array.from({ length: 50 }, () => refusalOf(door.admit('192.0.2.1'))));
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ error: 'unavailable' });
    expect(refusal.retryAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(refusal.retryAfterMs).toBeLessThanOrEqual(5_000);
  }
  expect(new Set(refusals.map(({ retryAfterMs }) => retryAfterMs)).size).toBeGreaterThan(40);
  expect(causes).toEqual(Array.from({ length: 50 }, () => 'accepts'));
  time.now = 1_000;
  for (let n = 0; n < 5; n++) await door.admit('192.0.2.1');
});

it('does not spend what others may use on an address that may not come in', async () => {
  const { entrance: door } = entrance(2, (address) => ({ ok: address !== 'rude', retryAfterMs: 9_000 }));
  for (let n = 0; n < 20; n++) expect(await refusalOf(door.admit('rude'))).toMatchObject({ error: 'too_many_requests', retryAfterMs: 9_000 });
  await door.admit('kind');
  await door.admit('kind');
});

it('lets nobody in once the process drains', async () => {
  const { entrance: door, causes } = entrance(0);
  await door.admit('192.0.2.1');
  await door.drain();
  expect(await refusalOf(door.admit('192.0.2.1'))).toBeInstanceOf(NotAdmitted);
  expect(causes).toEqual(['draining']);
});
