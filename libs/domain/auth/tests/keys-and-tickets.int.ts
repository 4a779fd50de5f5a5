import { IssueTicket, ListKeys, RedeemTicket, RegisterUser } from '@veche/contracts';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from '@veche/testing';
import { Housekeeping } from '../src/housekeeping.ts';
import { SigningKeys } from '../src/keys/signing-keys.ts';
import { type AuthApp, createAuthDatabase, outcome, startAuth } from './auth-app.fixture.ts';

const PASSWORD = 'correct horse battery';
const SECRET = 'a secret of more than thirty-two characters';
let database: TestDatabase;
let auth: AuthApp;
let twin: AuthApp;

beforeAll(async () => {
  database = await createAuthDatabase();
  [auth, twin] = await Promise.all([startAuth(database), startAuth(database)]);
});
afterAll(async () => {
  await auth.stop();
  await twin.stop();
  await database.drop();
});

const kidsOf = async (app: AuthApp): Promise<unknown[]> => (await app.ask(ListKeys, {})).keys.map(({ kid }) => kid);
const tokenOf = async (app: AuthApp, login: string): Promise<string> => (await app.ask(RegisterUser, { login, password: PASSWORD })).token;

describe('signing keys', () => {
  it('are made once by two processes that start together: one that signs and one that will', async () => {
    expect(await kidsOf(auth)).toHaveLength(2);
    expect(await kidsOf(twin)).toEqual(await kidsOf(auth));
  });

  it('of one process verify the tokens of the other, and publish nothing private', async () => {
    const jwks = await twin.ask(ListKeys, {});
    const { payload } = await jwtVerify(await tokenOf(auth, 'ann'), createLocalJWKSet({ keys: jwks.keys } as unknown as JSONWebKeySet), {
      issuer: jwks.issuer,
      audience: jwks.audience,
      typ: 'at+jwt',
    });
    expect(payload['name']).toBe('ann');
    for (const key of jwks.keys) expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  it('rotate: the published next one takes over, the old one stays until its last token has expired', async () => {
    const [before, after] = [await tokenOf(auth, 'bea'), async () => tokenOf(auth, `bea-${Math.random().toString(36).slice(2)}`)];
    const [old, next] = await kidsOf(auth);
    expect(decodeProtectedHeader(before).kid).toBe(old);
    await auth.database.query({ text: `UPDATE signing_key SET use_from = now() WHERE kid = $1`, values: [next] });
    await Promise.all([auth.get(SigningKeys).maintain(), twin.get(SigningKeys).maintain()]);
    expect(decodeProtectedHeader(await after()).kid).toBe(next);
    const three = await kidsOf(auth);
    expect(three).toHaveLength(3);
    expect(three).toContain(old);
    await twin.get(SigningKeys).maintain();
    expect(await kidsOf(twin)).toEqual(three);
    // Ten minutes of the token's life, two of leeway and grace.
    await auth.database.query({ text: `UPDATE signing_key SET use_from = use_from - interval '13 min' WHERE use_from <= now()` });
    await auth.get(SigningKeys).maintain();
    expect(await kidsOf(auth)).toEqual(three.filter((kid) => kid !== old));
  });

  it('are encrypted once there is a secret, and cannot be had without it any more', async () => {
    const other = await createAuthDatabase();
    const plain = await startAuth(other);
    const kids = await kidsOf(plain);
    await plain.stop();
    const sealed = await startAuth(other, { AUTH_KEY_SECRET: SECRET });
    expect(await kidsOf(sealed)).toEqual(kids);
    expect(await tokenOf(sealed, 'cleo')).toBeTruthy();
    const rows = await sealed.database.query<{ sealed: boolean; private_key: Buffer }>({ text: 'SELECT sealed, private_key FROM signing_key' });
    expect(rows.every((row) => row.sealed)).toBe(true);
    // Of PKCS #8: the object identifier of Ed25519.
    for (const row of rows) expect(row.private_key.includes(Buffer.from([0x2b, 0x65, 0x70]))).toBe(false);
    await sealed.stop();
    await expect(startAuth(other)).rejects.toThrow(/AUTH_KEY_SECRET is not set/);
    await expect(startAuth(other, { AUTH_KEY_SECRET: `another ${SECRET}` })).rejects.toThrow(/cannot be decrypted with AUTH_KEY_SECRET/);
  });
});

describe('tickets', () => {
  const issue = (origin?: string) => auth.ask(IssueTicket, { token: 'header.claims.signature', ...(origin && { origin }) });
  const redeem = (ticket: string, origin?: string) => twin.ask(RedeemTicket, { ticket, ...(origin && { origin }) });

  it('give the token back once, on any process', async () => {
    const { ticket, expires_in: expiresIn } = await issue();
    expect(expiresIn).toBe(30);
    expect(Buffer.from(ticket, 'base64url').length).toBe(32);
    expect(await redeem(ticket)).toEqual({ token: 'header.claims.signature' });
    expect(await outcome(redeem(ticket))).toBe('unauthorized');
  });

  it('shown by twenty at once serve one', async () => {
    const { ticket } = await issue();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(redeem(ticket))));
    expect(outcomes.filter((one) => one === 'accepted')).toHaveLength(1);
  });

  it('are bound to their origin, and spent by an attempt from another', async () => {
    const { ticket } = await issue('https://chat.example');
    expect(await outcome(redeem(ticket, 'https://evil.example'))).toBe('unauthorized');
    expect(await outcome(redeem(ticket, 'https://chat.example'))).toBe('unauthorized');
    const { ticket: second } = await issue('https://chat.example');
    expect(await outcome(redeem(second, 'https://chat.example'))).toBe('accepted');
  });

  it('expire', async () => {
    const { ticket } = await issue();
    await auth.database.query({ text: `UPDATE ticket SET expires_at = now()` });
    expect(await outcome(redeem(ticket))).toBe('unauthorized');
  });

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(44), "' OR '1'='1"])('refuse %s', async (ticket) => {
    expect(await outcome(redeem(ticket))).toBe('unauthorized');
  });

  it('let nobody who reads the table have the token', async () => {
    await issue();
    const rows = await auth.database.query<{ all: string }>({ text: `SELECT ticket::text || encode(sealed_token, 'escape') AS all FROM ticket` });
    expect(rows.length).toBeGreaterThan(0);
    for (const { all } of rows) expect(all).not.toContain('claims');
  });
});

it('housekeeping deletes what has expired and nothing else', async () => {
  const count = async (): Promise<unknown> =>
    (
      await auth.database.query({
        text: 'SELECT (SELECT count(*)::int FROM sign_in) AS sessions, (SELECT count(*)::int FROM ticket) AS tickets, (SELECT count(*)::int FROM revocation) AS revocations',
      })
    )[0];
  await auth.database.query({ text: 'DELETE FROM ticket' });
  await auth.database.query({ text: 'DELETE FROM sign_in' });
  for (const login of ['keep', 'drop']) await tokenOf(auth, login);
  await auth.ask(IssueTicket, { token: 'keep' });
  await auth.database.query({ text: `UPDATE sign_in SET lives_until = now() WHERE user_id = (SELECT id FROM app_user WHERE login = 'drop')` });
  await auth.database.query({ text: `INSERT INTO ticket VALUES ('\\x01', '\\x01', null, now()), ('\\x02', '\\x02', null, now())` });
  await auth.database.query({ text: `INSERT INTO revocation (jti, expires_at) VALUES ('old', now()), ('new', now() + interval '1 min')` });
  await auth.get(Housekeeping).run();
  expect(await count()).toEqual({ sessions: 1, tickets: 1, revocations: 1 });
});
