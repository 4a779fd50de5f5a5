import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeBus, silentTelemetry } from '../../tests/auth/tokens.fixture.ts';
import type { Identity } from './identity.ts';
import { concerns, type Revoked } from './revocation-list.ts';
import { Revocations } from './revocations.ts';

const who = (fields: Partial<Identity>): Identity => ({ user: 'ann', caps: [], subs: [], ...fields });
const started: Revocations[] = [];

async function watch(bus: FakeBus): Promise<{ revocations: Revocations; heard: Revoked[] }> {
  const revocations = new Revocations(bus, silentTelemetry());
  started.push(revocations);
  const heard: Revoked[] = [];
  revocations.onRevoked((revoked) => heard.push(revoked));
  revocations.start();
  return { revocations, heard };
}

const control = (data: object): Parameters<Revocations['hear']>[0] => ({
  channel: '*control',
  kind: 'channel.control.v1',
  actor: '',
  data: JSON.stringify(data),
  meta: null,
});

afterEach(async () => {
  vi.useRealTimers();
  for (const revocations of started.splice(0)) await revocations.stop();
});

describe('revocations', () => {
  it('are all pulled at the start, page by page', async () => {
    const bus = new FakeBus();
    for (const sid of ['a', 'b', 'c', 'd', 'e']) bus.revoke({ sid });
    const { revocations } = await watch(bus);
    await revocations.known;
    expect(['a', 'c', 'e', 'f'].map((sid) => revocations.isRevoked(who({ sid })))).toEqual([true, true, true, false]);
  });

  it('name a sign-in session, a token, or a user’s older tokens', async () => {
    const bus = new FakeBus();
    bus.revoke({ sid: 's' });
    bus.revoke({ jti: 'j' });
    bus.revoke({ user: 'ann', issued_before: 10_000 });
    const { revocations } = await watch(bus);
    await revocations.known;
    expect(revocations.isRevoked(who({ user: 'bob', sid: 's' }))).toBe(true);
    expect(revocations.isRevoked(who({ user: 'bob', jti: 'j' }))).toBe(true);
    expect(revocations.isRevoked(who({ issuedAt: 9_999 }))).toBe(true);
    expect(revocations.isRevoked(who({ issuedAt: 10_000 }))).toBe(false);
    expect(revocations.isRevoked(who({}))).toBe(true);
    expect(revocations.isRevoked(who({ user: 'bob' }))).toBe(false);
  });

  it('are heard at once as signals, and told once though the pull brings them again', async () => {
    const bus = new FakeBus();
    const { revocations, heard } = await watch(bus);
    await revocations.known;
    bus.revoke({ sid: 's' });
    revocations.hear(control({ do: 'revoke', sid: 's' }));
    expect(heard).toEqual([{ sid: 's' }]);
    revocations.pullSoon();
    await vi.waitFor(() => expect(bus.asked.length).toBeGreaterThanOrEqual(3));
    expect(heard).toHaveLength(1);
  });

  it('arrive by the pull within 5 s though every signal is lost, and the pull goes on after failures', async () => {
    vi.useFakeTimers();
    const bus = new FakeBus();
    const { revocations, heard } = await watch(bus);
    await revocations.known;
    bus.revoke({ sid: 's' });
    bus.down = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(heard).toEqual([]);
    bus.down = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(heard).toEqual([{ sid: 's' }]);
  });

  it('are all pulled again when the database was set back to an earlier state', async () => {
    vi.useFakeTimers();
    const bus = new FakeBus();
    for (const sid of ['a', 'b', 'c']) bus.revoke({ sid });
    const { revocations } = await watch(bus);
    await revocations.known;
    bus.rows = [];
    bus.top = 0;
    bus.revoke({ sid: 'after the restore' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(revocations.isRevoked(who({ sid: 'after the restore' }))).toBe(true);
    expect(revocations.isRevoked(who({ sid: 'a' }))).toBe(true);
  });

  it('are forgotten when no token can need them any more', async () => {
    vi.useFakeTimers();
    const bus = new FakeBus();
    bus.revoke({ sid: 's', expires_at: Date.now() + 6000 });
    const { revocations } = await watch(bus);
    await revocations.known;
    expect(revocations.isRevoked(who({ sid: 's' }))).toBe(true);
    bus.rows = [];
    await vi.advanceTimersByTimeAsync(10_000);
    expect(revocations.isRevoked(who({ sid: 's' }))).toBe(false);
  });

  it('say which live sessions they are about', () => {
    expect(concerns({ sid: 's' }, who({ sid: 's' }))).toBe(true);
    expect(concerns({ sid: 's' }, who({}))).toBe(false);
    expect(concerns({ user: 'ann', issuedBefore: 5 }, who({ issuedAt: 4 }))).toBe(true);
    expect(concerns({ user: 'ann', issuedBefore: 5 }, who({ issuedAt: 5 }))).toBe(false);
  });
});
