import { EndSession, IssueToken, ListRevocations, RefreshToken, RegisterUser, RevokeTokens, type Tokens } from '@veche/contracts';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from '@veche/testing';
import { type AuthApp, createAuthDatabase, outcome, startAuth } from './auth-app.fixture.ts';

const PASSWORD = 'correct horse battery';
let database: TestDatabase;
let auth: AuthApp;
let twin: AuthApp;
let users = 0;

beforeAll(async () => {
  database = await createAuthDatabase();
  auth = await startAuth(database);
  twin = await startAuth(database, { AUTH_REFRESH_GRACE_S: '0' });
});
afterAll(async () => {
  await auth.stop();
  await twin.stop();
  await database.drop();
});

const begin = (): Promise<Tokens> => auth.ask(RegisterUser, { login: `user-${users++}`, password: PASSWORD });
const refresh = (refreshToken: string, app = auth): Promise<Tokens> => app.ask(RefreshToken, { refresh_token: refreshToken });
const sidOf = ({ token }: Tokens): unknown => decodeJwt(token)['sid'];
const revokedSids = async (): Promise<unknown[]> => (await auth.ask(ListRevocations, { after: 0 })).revocations.map(({ sid }) => sid);

describe('refreshing', () => {
  it('gives new tokens of the same sign-in session, again and again', async () => {
    const first = await begin();
    let last = first;
    for (let at = 0; at < 5; at++) {
      const next = await refresh(last.refresh_token, at % 2 ? auth : twin);
      expect(next.refresh_token).not.toBe(last.refresh_token);
      expect(next.token).not.toBe(last.token);
      expect(next.user).toEqual(first.user);
      expect(sidOf(next)).toBe(sidOf(first));
      last = next;
    }
  });

  it('gives a lost answer again within the grace: the same successor', async () => {
    const first = await begin();
    const [once, again] = [await refresh(first.refresh_token), await refresh(first.refresh_token)];
    expect(again.refresh_token).toBe(once.refresh_token);
    expect(await outcome(refresh(again.refresh_token))).toBe('accepted');
  });

  it('at the same time from two tabs leaves both with the same successor', async () => {
    const first = await begin();
    const answers = await Promise.all(Array.from({ length: 6 }, (_, at) => refresh(first.refresh_token, at % 2 ? auth : auth)));
    expect(new Set(answers.map(({ refresh_token: token }) => token)).size).toBe(1);
  });

  it('with a spent token ends the whole session: both holders are out, gateways hear of it', async () => {
    const first = await begin();
    const second = await refresh(first.refresh_token, twin);
    expect(await outcome(refresh(first.refresh_token, twin))).toBe('unauthorized');
    expect(await outcome(refresh(second.refresh_token, twin))).toBe('unauthorized');
    expect(await revokedSids()).toContain(sidOf(first));
    await expect.poll(() => twin.controls).toContainEqual({ do: 'revoke', sid: sidOf(first), user: first.user.id });
  });

  it('with a token two steps old ends the session even within the grace', async () => {
    const first = await begin();
    const third = await refresh((await refresh(first.refresh_token)).refresh_token);
    expect(await outcome(refresh(first.refresh_token))).toBe('unauthorized');
    expect(await outcome(refresh(third.refresh_token))).toBe('unauthorized');
  });

  it('with an invented token of a true session does nothing to the session', async () => {
    const first = await begin();
    const bytes = Buffer.from(first.refresh_token.slice(4), 'base64url');
    for (const at of [16, 19, 20, 51, 52, 67]) {
      const forged = Buffer.from(bytes);
      forged[at]! ^= 1;
      expect(await outcome(refresh(`vrt_${forged.toString('base64url')}`))).toBe('unauthorized');
    }
    expect(await outcome(refresh(first.refresh_token))).toBe('accepted');
  });

  it.each(['', 'vrt_', 'x', 'vrt_AAAA', `vrt_${'A'.repeat(91)}`, `vrt_${'A'.repeat(400)}`, 'vrt_' + '+'.repeat(91)])('refuses %s', async (text) => {
    expect(await outcome(refresh(text))).toBe('unauthorized');
  });

  it('refuses a session that was not refreshed in time', async () => {
    const first = await begin();
    await auth.database.query({ text: `UPDATE sign_in SET lives_until = now() - interval '1 s' WHERE sid = $1`, values: [sidOf(first)] });
    expect(await outcome(refresh(first.refresh_token))).toBe('unauthorized');
  });

  it('keeps one row a session, however often it is refreshed', async () => {
    let last = await begin();
    for (let at = 0; at < 3; at++) last = await refresh(last.refresh_token);
    const rows = await auth.database.query({ text: 'SELECT generation FROM sign_in WHERE user_id = $1', values: [last.user.id] });
    expect(rows).toEqual([{ generation: 3 }]);
  });
});

describe('signing out', () => {
  it('ends the session, tells the gateways, and can be repeated', async () => {
    const tokens = await begin();
    expect(await auth.ask(EndSession, { refresh_token: tokens.refresh_token })).toEqual({});
    await expect.poll(() => auth.controls).toContainEqual({ do: 'revoke', sid: sidOf(tokens), user: tokens.user.id });
    expect(await revokedSids()).toContain(sidOf(tokens));
    expect(await outcome(refresh(tokens.refresh_token))).toBe('unauthorized');
    expect(await auth.ask(EndSession, { refresh_token: tokens.refresh_token })).toEqual({});
  });

  it('leaves the user’s other sessions alone', async () => {
    const one = await begin();
    const two = await auth.ask(IssueToken, { login: one.user.login, password: PASSWORD });
    await auth.ask(EndSession, { refresh_token: one.refresh_token });
    expect(await outcome(refresh(two.refresh_token))).toBe('accepted');
  });

  it('with an invented token ends nothing and says nothing', async () => {
    const tokens = await begin();
    const forged = Buffer.from(tokens.refresh_token.slice(4), 'base64url');
    forged[60]! ^= 1;
    expect(await auth.ask(EndSession, { refresh_token: `vrt_${forged.toString('base64url')}` })).toEqual({});
    expect(await outcome(refresh(tokens.refresh_token))).toBe('accepted');
  });
});

describe('revocations', () => {
  it('of a user end every session and every older token', async () => {
    const one = await begin();
    const two = await auth.ask(IssueToken, { login: one.user.login, password: PASSWORD });
    await auth.ask(RevokeTokens, { user: one.user.id });
    expect(await outcome(refresh(one.refresh_token))).toBe('unauthorized');
    expect(await outcome(refresh(two.refresh_token))).toBe('unauthorized');
    const { revocations } = await auth.ask(ListRevocations, { after: 0 });
    const row = revocations.find(({ user }) => user === one.user.id);
    expect(row?.issued_before).toBeGreaterThan(decodeJwt(two.token).iat! * 1000 - 1);
    expect(row?.expires_at).toBeGreaterThan(Date.now());
  });

  it('of a single token are listed and told', async () => {
    await auth.ask(RevokeTokens, { jti: 'foreign-1', expires_at: Date.now() + 60_000 });
    expect((await auth.ask(ListRevocations, { after: 0 })).revocations.map(({ jti }) => jti)).toContain('foreign-1');
    await expect.poll(() => auth.controls).toContainEqual({ do: 'revoke', jti: 'foreign-1' });
  });

  it.each([{}, { sid: 'a', jti: 'b' }, { user: 'a b' }])('of nothing, of two things or of an impossible user are refused: %j', async (query) => {
    expect(await outcome(auth.ask(RevokeTokens, query))).toBe('bad_request');
  });

  it('are numbered in the order of commits, so that no reader passes one by', async () => {
    const { last: before } = await auth.ask(ListRevocations, { after: 0 });
    const seen = new Set<unknown>();
    let cursor = before;
    let writing = true;
    const reading = (async () => {
      for (let done = false; !done;) {
        done = !writing;
        const { revocations, last } = await auth.ask(ListRevocations, { after: cursor });
        for (const { jti } of revocations) seen.add(jti);
        cursor = last;
      }
    })();
    const names = Array.from({ length: 60 }, (_, at) => `order-${at}`);
    await Promise.all(names.map((jti, at) => (at % 2 ? auth : twin).ask(RevokeTokens, { jti })));
    writing = false;
    await reading;
    expect(names.filter((name) => !seen.has(name))).toEqual([]);
  });

  it('say when the database was set back', async () => {
    const { last } = await auth.ask(ListRevocations, { after: 1_000_000 });
    expect(last).toBeLessThan(1_000_000);
    expect((await auth.ask(ListRevocations, { after: last })).last).toBe(last);
  });
});
