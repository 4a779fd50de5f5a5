import { FindUsers, IssueToken, RegisterUser, VecheError } from '@veche/contracts';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from '@veche/testing';
import { type AuthApp, createAuthDatabase, outcome, startAuth } from './auth-app.fixture.ts';

const PASSWORD = 'correct horse battery';
let database: TestDatabase;
let auth: AuthApp;

beforeAll(async () => {
  database = await createAuthDatabase();
  auth = await startAuth(database, { AUTH_HASH_CONCURRENCY: '1', AUTH_HASH_QUEUE: '8' });
});
afterAll(async () => {
  await auth.stop();
  await database.drop();
});

const register = (login: string, name?: string) => auth.ask(RegisterUser, { login, password: PASSWORD, ...(name && { name }) });
const signIn = (login: string, password = PASSWORD, address?: string) => auth.ask(IssueToken, { login, password, ...(address && { address }) });
const refusal = (attempt: Promise<unknown>): Promise<VecheError> =>
  attempt.then(
    () => Promise.reject(new Error('was accepted')),
    (error: unknown) => error as VecheError,
  );

describe('registering', () => {
  it('gives a user, an access token with every claim, and a refresh token', async () => {
    const { token, refresh_token: refreshToken, expires_in: expiresIn, user } = await register('Ann ', 'Ann Example');
    expect(user).toEqual({ id: user.id, login: 'ann', name: 'Ann Example' });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ iss: 'veche', aud: 'veche-clients', sub: user.id, name: 'Ann Example' });
    expect(claims.exp! - claims.iat!).toBe(expiresIn);
    expect(claims['sid']).toMatch(/^[\w-]{22}$/);
    expect(claims.jti).toBeTruthy();
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
    expect(refreshToken).toMatch(/^vrt_/);
  });

  it('stores the password as argon2id and the refresh token nowhere', async () => {
    const { refresh_token: refreshToken } = await register('bob');
    const [row] = await auth.database.query<{ password: string; all: string }>({
      text: `SELECT u.password, s::text AS all FROM app_user u JOIN sign_in s ON s.user_id = u.id WHERE u.login = 'bob'`,
    });
    expect(row?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const secret = Buffer.from(refreshToken.slice(4), 'base64url').subarray(20, 52).toString('hex');
    expect(row?.all).not.toContain(secret);
  });

  it('refuses a login that is taken, whatever its case, also when two ask at once', async () => {
    const outcomes = await Promise.all([outcome(register('carl')), outcome(register('CARL'))]);
    expect(outcomes.toSorted()).toEqual(['accepted', 'conflict']);
    expect((await refusal(register('carl'))).details).toEqual([{ path: 'login', message: 'is taken' }]);
  });

  it.each([{ login: 'a b' }, { login: '' }, { login: 'x'.repeat(65) }, { password: 'short' }, { password: 'x'.repeat(257) }, { name: '' }])(
    'refuses %j',
    async (changed) => {
      expect(await outcome(auth.ask(RegisterUser, { login: 'dora', password: PASSWORD, ...changed }))).toBe('bad_request');
    },
  );
});

describe('signing in', () => {
  it('is one sign-in session each time', async () => {
    await register('erin');
    const [one, two] = [await signIn('erin'), await signIn(' Erin')];
    expect(decodeJwt(one.token)['sid']).not.toBe(decodeJwt(two.token)['sid']);
  });

  it('takes the same password however a keyboard composes it', async () => {
    await auth.ask(RegisterUser, { login: 'zoe', password: 'cre\u0300me bru\u0302le\u0301e' });
    expect(await outcome(signIn('zoe', 'cr\u00e8me br\u00fbl\u00e9e'))).toBe('accepted');
  });

  it('answers a wrong password, an unknown login and an impossible login with the same words', async () => {
    await register('fred');
    const errors = [
      await refusal(signIn('fred', 'wrong')),
      await refusal(signIn('nobody')),
      await refusal(signIn("' OR 1=1 --")),
      await refusal(signIn('fred', '')),
    ];
    expect(new Set(errors.map(({ error, message }) => `${error}: ${message}`))).toEqual(new Set(['unauthorized: login or password is wrong']));
  });

  it('takes as long for an unknown login as for a wrong password', async () => {
    await register('gina');
    const median = async (login: () => string): Promise<number> => {
      const times: number[] = [];
      for (let at = 0; at < 9; at++) {
        const began = performance.now();
        await outcome(signIn(login(), 'wrong'));
        times.push(performance.now() - began);
      }
      return times.toSorted((a, b) => a - b)[4]!;
    };
    let at = 0;
    const unknown = await median(() => `unknown-${at++}`);
    // Different accounts, else the growing delay answers.
    for (let user = 0; user < 9; user++) await register(`gina-${user}`);
    let known = 0;
    const wrong = await median(() => `gina-${known++}`);
    // Hashing is some 30 ms of it; without the hash an unknown login would take 1 ms.
    expect(unknown / wrong).toBeGreaterThan(0.5);
    expect(unknown / wrong).toBeLessThan(2);
  });

  it('is delayed after failures, by account, and says for how long', async () => {
    await register('hans');
    for (let at = 0; at < 5; at++) expect(await outcome(signIn('hans', 'wrong'))).toBe('unauthorized');
    const error = await refusal(signIn('hans'));
    expect(error.error).toBe('too_many_requests');
    expect(error.retryAfterMs).toBeGreaterThan(0);
  });

  it('is delayed by address, whatever the accounts are, for others not', async () => {
    await register('ida');
    for (let at = 0; at < 30; at++) await outcome(signIn(`guess-${at}`, 'wrong', '2001:db8:1:2::7'));
    expect(await outcome(signIn('ida', PASSWORD, '2001:db8:1:2:ffff::8'))).toBe('too_many_requests');
    expect(await outcome(signIn('ida', PASSWORD, '2001:db8:1:3::7'))).toBe('accepted');
  });

  it('under a storm serves some, refuses the rest at once, and counts that against nobody', async () => {
    await register('jack');
    const began = performance.now();
    const outcomes = await Promise.all(Array.from({ length: 60 }, (_, at) => outcome(signIn(`storm-${at}`, 'wrong'))));
    expect(outcomes.filter((one) => one === 'unavailable').length).toBeGreaterThan(20);
    expect(outcomes.filter((one) => one === 'unauthorized').length).toBeGreaterThanOrEqual(9);
    expect(performance.now() - began).toBeLessThan(5000);
    await Promise.all(Array.from({ length: 40 }, () => outcome(signIn('jack'))));
    expect(await outcome(signIn('jack'))).toBe('accepted');
  });
});

describe('finding users', () => {
  it('finds by id, by login and by prefix of login or name, and leaves out the unknown', async () => {
    const { user: kim } = await register('kim', 'Kim_100%');
    const { user: kira } = await register('kira', 'Ölaf');
    const found = async (query: Parameters<typeof auth.ask<typeof FindUsers>>[1]) =>
      (await auth.ask(FindUsers, query)).users.map(({ login }) => login).toSorted();
    expect(await found({ ids: [kim.id, 'nobody'], logins: ['KIRA', 'nobody'] })).toEqual(['kim', 'kira']);
    expect(await found({ prefix: 'ki' })).toEqual(['kim', 'kira']);
    expect(await found({ prefix: 'KIM_100%' })).toEqual(['kim']);
    expect(await found({ prefix: 'kim1' })).toEqual([]);
    expect(await found({ prefix: 'öl' })).toEqual(['kira']);
    expect(await found({ ids: [kira.id], prefix: 'kir' })).toEqual(['kira']);
    expect(await found({})).toEqual([]);
  });
});

it('registration can be off', async () => {
  const closed = await startAuth(database, { AUTH_REGISTRATION: 'off' });
  expect(await outcome(closed.ask(RegisterUser, { login: 'late', password: PASSWORD }))).toBe('not_available');
  await closed.stop();
});
