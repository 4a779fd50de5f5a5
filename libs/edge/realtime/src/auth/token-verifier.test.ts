import { VecheError } from '@veche/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  AUDIENCE,
  ed25519,
  FakeBus,
  type Gate,
  type GateOptions,
  HMAC_SECRET,
  hmacToken,
  ISSUER,
  issueTestToken,
  openGate,
  ownClaims,
  p256,
  rsa,
  seconds,
  silentTelemetry,
} from '../../tests/auth/tokens.fixture.ts';
import { Issuers } from './issuers.ts';
import { type JwkSet, KeyRing } from './key-ring.ts';
import { Revocations } from './revocations.ts';
import { TokenVerifier } from './token-verifier.ts';

const key = ed25519('own-1');
const gates: Gate[] = [];
const open = async (options: GateOptions = {}): Promise<Gate> => {
  const gate = await openGate({ own: [key], ...options });
  gates.push(gate);
  return gate;
};
const openToHmac = (config = {}): Promise<Gate> => open({ config: { AUTH_HMAC_SECRET: HMAC_SECRET, ...config } });
const outcome = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'accepted',
    (error: unknown) => (error instanceof VecheError ? error.error : String(error)),
  );
afterEach(async () => {
  for (const { revocations } of gates.splice(0)) await revocations.stop();
});

describe('our own tokens', () => {
  it('say who, in which sign-in session, and until when', async () => {
    const { verifier } = await open();
    const claims = { ...ownClaims(), iat: 1_700_000_000, exp: seconds() + 60 };
    expect(await verifier.verify(await issueTestToken(key, claims))).toEqual({
      user: '0197-ann',
      sid: 'sid-1',
      jti: 'jti-1',
      name: 'Ann',
      issuedAt: 1_700_000_000_000,
      expiresAt: claims.exp * 1000,
      caps: [],
      subs: [],
    });
  });

  it('are accepted with our audience among several', async () => {
    const { verifier } = await open();
    expect(await outcome(verifier.verify(await issueTestToken(key, { ...ownClaims(), aud: ['billing', AUDIENCE] })))).toBe('accepted');
  });

  it.each([
    [-4, 'accepted'],
    [-6, 'token_expired'],
    [-3600, 'token_expired'],
    [1, 'accepted'],
  ])('with an expiry %i s from now are %s under a leeway of 5 s', async (offset, expected) => {
    const { verifier } = await open();
    expect(await outcome(verifier.verify(await issueTestToken(key, { ...ownClaims(), exp: seconds() + offset })))).toBe(expected);
  });

  it('do not tell a forger that they have expired', async () => {
    const { verifier } = await open();
    expect(await outcome(verifier.verify(await issueTestToken(ed25519('own-1'), { ...ownClaims(), exp: 1 })))).toBe('unauthorized');
  });
});

describe('tokens seen before', () => {
  it('expire all the same', async () => {
    const { verifier } = await open({ config: { AUTH_LEEWAY_S: 0 } });
    const token = await issueTestToken(key, { ...ownClaims(), exp: seconds() + 1 });
    expect(await outcome(verifier.verify(token))).toBe('accepted');
    await expect.poll(() => outcome(verifier.verify(token)), { timeout: 3000 }).toBe('token_expired');
  });

  it('are revoked all the same', async () => {
    const { verifier, revocations } = await open();
    const token = await issueTestToken(key);
    expect(await outcome(verifier.verify(token))).toBe('accepted');
    revocations.hear({ channel: '*control', kind: 'channel.control.v1', actor: '', data: '{"do":"revoke","sid":"sid-1"}', meta: null });
    expect(await outcome(verifier.verify(token))).toBe('unauthorized');
  });

  it('cost no second look at the signature', async () => {
    const { verifier } = await open();
    // The first one fetches the keys.
    await verifier.verify(await issueTestToken(key));
    const token = await issueTestToken(key, { ...ownClaims(), jti: 'jti-2' });
    const identity = await verifier.verify(token);
    expect(await verifier.verify(token)).toBe(identity);
  });

  it('are looked at anew when their key is withdrawn', async () => {
    let keys = [key.jwk];
    const telemetry = silentTelemetry();
    const bus = new FakeBus();
    let now = 0;
    const ring = new KeyRing(
      () => Promise.resolve({ keys, issuer: ISSUER, audience: AUDIENCE }),
      undefined,
      { freshMs: 60_000, unknownKidMs: 30_000 },
      () => now,
    );
    const revocations = new Revocations(bus, telemetry);
    revocations.start();
    await revocations.known;
    const verifier = new TokenVerifier(
      { AUTH_LEEWAY_S: 0, AUTH_VERIFIED_TOKENS: 10, CLIENT_ALLOW_ANONYMOUS: false },
      new Issuers({}, ring, undefined),
      revocations,
      telemetry,
    );
    const token = await issueTestToken(key);
    expect(await outcome(verifier.verify(token))).toBe('accepted');
    keys = [ed25519('own-2').jwk];
    now = 61_000;
    await outcome(verifier.verify(token));
    expect(await outcome(verifier.verify(token))).toBe('unauthorized');
    await revocations.stop();
  });
});

describe('while the auth service is away', () => {
  it('a process that has asked for the keys at its start lets in whoever comes first', async () => {
    const { bus, issuers, verifier } = await open();
    issuers.askForKeys();
    await vi.waitUntil(() => bus.asked.includes('auth.list-keys.v1'));
    await new Promise((resolve) => setImmediate(resolve));
    bus.down = true;
    expect(await outcome(verifier.verify(await issueTestToken(key)))).toBe('accepted');
  });

  it('nobody is let in before the keys and the revocations were ever known, and told to try again', async () => {
    const bus = new FakeBus();
    bus.down = true;
    const telemetry = silentTelemetry();
    const revocations = new Revocations(bus, telemetry);
    revocations.start();
    const ring = new KeyRing(() => bus.ask('auth.list-keys.v1', {}) as Promise<JwkSet>);
    const verifier = new TokenVerifier(
      { AUTH_LEEWAY_S: 5, AUTH_VERIFIED_TOKENS: 10, CLIENT_ALLOW_ANONYMOUS: false },
      new Issuers({ AUTH_HMAC_SECRET: HMAC_SECRET }, ring, undefined),
      revocations,
      telemetry,
    );
    expect(await outcome(verifier.verify(await issueTestToken(key)))).toBe('unavailable');
    expect(await outcome(verifier.verify(await hmacToken({ sub: 'ann' })))).toBe('unavailable');
    await revocations.stop();
  });

  it('tokens of known keys are let in, old and new', async () => {
    const { verifier, bus } = await open();
    await verifier.verify(await issueTestToken(key));
    bus.down = true;
    expect(await outcome(verifier.verify(await issueTestToken(key, { ...ownClaims(), jti: 'jti-2' })))).toBe('accepted');
  });
});

describe('tokens of another issuer', () => {
  it('by shared secret need neither iss nor aud nor exp, as in Centrifugo', async () => {
    const { verifier } = await openToHmac();
    expect(await verifier.verify(await hmacToken({ sub: '42' }))).toEqual({ user: '42', caps: [], subs: [] });
  });

  it.each(['HS256', 'HS384', 'HS512'])('are accepted with %s', async (alg) => {
    const { verifier } = await openToHmac();
    expect(await outcome(verifier.verify(await hmacToken({ sub: '42' }, { alg })))).toBe('accepted');
  });

  it('without sub are anonymous', async () => {
    const { verifier } = await openToHmac();
    expect((await verifier.verify(await hmacToken({ info: { nick: 'guest' } }))).user).toBe('');
  });

  it('are refused unless configured', async () => {
    const { verifier } = await open();
    expect(await outcome(verifier.verify(await hmacToken({ sub: '42' })))).toBe('unauthorized');
    expect(await outcome(verifier.verify(await issueTestToken(p256('ec-1'), { sub: '42' }, { typ: 'JWT' })))).toBe('unauthorized');
  });

  it('must carry the configured iss and aud', async () => {
    const { verifier } = await openToHmac({ AUTH_FOREIGN_ISSUER: 'https://id.example', AUTH_FOREIGN_AUDIENCE: 'chat' });
    expect(await outcome(verifier.verify(await hmacToken({ sub: '42' })))).toBe('unauthorized');
    expect(await outcome(verifier.verify(await hmacToken({ sub: '42', iss: 'https://id.example', aud: 'mail' })))).toBe('unauthorized');
    expect(await outcome(verifier.verify(await hmacToken({ sub: '42', iss: 'https://id.example', aud: ['mail', 'chat'] })))).toBe('accepted');
  });

  it.each([p256('k'), rsa('k'), ed25519('k')])('are accepted by key set with $alg', async (foreign) => {
    const { verifier } = await open({ foreign: [foreign] });
    expect(await outcome(verifier.verify(await issueTestToken(foreign, { sub: '42' }, { typ: 'JWT' })))).toBe('accepted');
  });

  it('need no kid while one key of the set fits', async () => {
    const [one, two] = [p256('a'), p256('b')];
    const { verifier } = await open({ foreign: [one, rsa('c')] });
    expect(await outcome(verifier.verify(await issueTestToken(one, { sub: '42' }, { kid: undefined, typ: 'JWT' })))).toBe('accepted');
    const { verifier: ambiguous } = await open({ foreign: [one, two] });
    expect(await outcome(ambiguous.verify(await issueTestToken(one, { sub: '42' }, { kid: undefined, typ: 'JWT' })))).toBe('unauthorized');
  });

  it('let a session last as long as expire_at says, and for ever with 0', async () => {
    const { verifier } = await openToHmac();
    const exp = seconds() + 60;
    expect((await verifier.verify(await hmacToken({ exp, expire_at: exp + 600 }))).expiresAt).toBe((exp + 600) * 1000);
    expect((await verifier.verify(await hmacToken({ exp, expire_at: 0 }))).expiresAt).toBeUndefined();
    expect(await outcome(verifier.verify(await hmacToken({ exp: seconds() - 60, expire_at: 0 })))).toBe('token_expired');
    expect(await outcome(verifier.verify(await hmacToken({ exp, expire_at: seconds() - 60 })))).toBe('token_expired');
  });
});

describe('subscription tokens', () => {
  const claims = { sub: '42', channel: 'news' };

  it('give what the token says about the subscription', async () => {
    const { verifier } = await openToHmac();
    const token = await hmacToken({ ...claims, exp: 4_000_000_000, info: { a: 1 }, override: { presence: { value: true }, join_leave: {} } });
    expect(await verifier.verifySubscription(token, 'news', '42')).toEqual({
      channel: 'news',
      info: { a: 1 },
      override: { presence: true, join_leave: false },
      expiresAt: 4_000_000_000_000,
    });
  });

  it.each([
    ['another channel', { channel: 'sport' }, 'permission_denied'],
    ['another user', { sub: '43' }, 'permission_denied'],
    ['another client', { client: 'c-2' }, 'permission_denied'],
    ['no channel', { channel: undefined }, 'permission_denied'],
    ['a past expiry', { exp: 1_700_000_000 }, 'token_expired'],
    ['this client', { client: 'c-1' }, 'accepted'],
  ])('for %s end in: %s %s', async (_what, changed, expected) => {
    const { verifier } = await openToHmac();
    expect(await outcome(verifier.verifySubscription(await hmacToken({ ...claims, ...changed }), 'news', '42', 'c-1'))).toBe(expected);
  });

  it('are never one of our access tokens', async () => {
    const { verifier } = await open();
    expect(await outcome(verifier.verifySubscription(await issueTestToken(key, { ...ownClaims(), channel: 'news' }), 'news', '0197-ann'))).toBe(
      'permission_denied',
    );
  });
});

describe('sessions without a token', () => {
  it('are refused unless allowed', async () => {
    const [{ verifier: closed }, { verifier: allowing }] = [await open(), await open({ config: { CLIENT_ALLOW_ANONYMOUS: true } })];
    expect(() => closed.anonymous()).toThrow(VecheError);
    expect(allowing.anonymous()).toEqual({ user: '', caps: [], subs: [] });
  });
});
