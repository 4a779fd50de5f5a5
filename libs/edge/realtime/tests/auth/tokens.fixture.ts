/** Issuers, buses and a verifier for tests. Tokens are made by `jose`, so that our reading is checked against somebody else's writing. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Jwks, Revocation } from '@veche/contracts';
import type { RequestBus } from '@veche/platform-messaging';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { type JWTPayload, SignJWT } from 'jose';
import type { TokensConfig } from '../../src/auth/auth.config.ts';
import { AuthTelemetry } from '../../src/auth/auth.telemetry.ts';
import { Issuers } from '../../src/auth/issuers.ts';
import { type JwkSet, KeyRing } from '../../src/auth/key-ring.ts';
import { Revocations } from '../../src/auth/revocations.ts';
import { TokenVerifier } from '../../src/auth/token-verifier.ts';

export const ISSUER = 'veche';
export const AUDIENCE = 'veche-clients';
export const HMAC_SECRET = 'a shared secret of an older server';

export interface TestKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly jwk: Record<string, unknown>;
}

export function ed25519(kid: string): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { kid, alg: 'EdDSA', privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' } };
}

export function p256(kid: string): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, alg: 'ES256', privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } };
}

export function rsa(kid: string, modulusLength = 2048): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return { kid, alg: 'RS256', privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid } };
}

export const seconds = (): number => Math.floor(Date.now() / 1000);

export const ownClaims = (): JWTPayload & Record<string, unknown> => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: '0197-ann',
  sid: 'sid-1',
  jti: 'jti-1',
  name: 'Ann',
  iat: seconds(),
  exp: seconds() + 600,
});

export function issueTestToken(key: TestKey, claims: JWTPayload = ownClaims(), header: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header }).sign(key.privateKey);
}

export const hmacToken = (claims: JWTPayload, header: Record<string, unknown> = {}, secret = HMAC_SECRET): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header }).sign(new TextEncoder().encode(secret));

/** The auth service as a gateway sees it. */
export class FakeBus implements RequestBus {
  keys: () => Promise<Jwks | JwkSet> = () => Promise.resolve({ keys: [] });
  rows: Revocation[] = [];
  /** Highest number the database ever gave; lower after a restore. */
  top = 0;
  readonly asked: string[] = [];
  down = false;

  async ask(kind: string, query: unknown): Promise<unknown> {
    this.asked.push(kind);
    if (this.down) throw new Error('the auth service is away');
    if (kind === 'auth.list-keys.v1') return this.keys();
    const { after } = query as { after: number };
    const revocations = this.rows.filter(({ seq }) => seq > after).slice(0, 2);
    return { revocations, last: revocations.at(-1)?.seq ?? Math.min(after, this.top) };
  }

  revoke(names: Partial<Revocation>): void {
    this.top += 1;
    this.rows.push({ seq: this.top, sid: null, jti: null, user: null, issued_before: null, expires_at: Date.now() + 600_000, ...names });
  }
}

export const silentTelemetry = (): AuthTelemetry => new AuthTelemetry(new Metrics(), Logger.silent());

export interface Gate {
  readonly bus: FakeBus;
  readonly verifier: TokenVerifier;
  readonly revocations: Revocations;
  readonly issuers: Issuers;
}

export interface GateOptions {
  readonly own?: readonly TestKey[];
  readonly foreign?: readonly TestKey[];
  readonly config?: Partial<TokensConfig>;
}

/** A verifier over fakes, started; stop `revocations` at the end. */
export async function openGate({ own = [], foreign, config = {} }: GateOptions): Promise<Gate> {
  const bus = new FakeBus();
  bus.keys = () => Promise.resolve({ keys: own.map(({ jwk }) => jwk), issuer: ISSUER, audience: AUDIENCE });
  const telemetry = silentTelemetry();
  const ownRing = new KeyRing(() => bus.ask('auth.list-keys.v1', {}) as Promise<JwkSet>);
  const foreignRing = foreign && new KeyRing(() => Promise.resolve({ keys: foreign.map(({ jwk }) => jwk) }));
  const revocations = new Revocations(bus, telemetry);
  revocations.start();
  await revocations.known;
  const settings = { AUTH_LEEWAY_S: 5, AUTH_VERIFIED_TOKENS: 100, CLIENT_ALLOW_ANONYMOUS: false, ...config };
  const issuers = new Issuers(settings, ownRing, foreignRing);
  return { bus, revocations, issuers, verifier: new TokenVerifier(settings, issuers, revocations, telemetry) };
}
