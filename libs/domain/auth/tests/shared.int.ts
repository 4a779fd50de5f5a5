/** Several processes of the auth service that share Redis: delays of sign-ins, and sessions that have ended. */
import { EndSession, IssueToken, RefreshToken, RegisterUser, RevokeTokens } from '@veche/contracts';
import { RedisClient, RevokedSessions, Script } from '@veche/platform-redis';
import { eventually, type RedisServer, startRedis, type TestDatabase } from '@veche/testing';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MemorySignInDelays } from '../src/sign-ins/memory-sign-in-delays.ts';
import { ACCOUNT_DELAY, ADDRESS_DELAY, FORGET_MS } from '../src/sign-ins/sign-in-delays.ts';
import { admitLua, settleLua } from '../src/sign-ins/sign-in-delays.scripts.ts';
import { type AuthApp, createAuthDatabase, outcome, startAuth } from './auth-app.fixture.ts';

const PASSWORD = 'correct horse';
const CLOCK = 'test:clock';
let database: TestDatabase;
let server: RedisServer;
const running: AuthApp[] = [];
const start = async (env: Record<string, string> = {}): Promise<AuthApp> => {
  const app = await startAuth(database, { REDIS_URL: server.url, ...env });
  running.push(app);
  return app;
};
const redisOf = (app: AuthApp): RedisClient => app.get(RedisClient);
const signIn = (app: AuthApp, login: string, password = PASSWORD) => app.ask(IssueToken, { login, password, address: '192.0.2.1' });

beforeAll(async () => {
  [database, server] = await Promise.all([createAuthDatabase(), startRedis()]);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.stop()));
});
afterAll(async () => {
  await server.remove();
  await database.drop();
});

describe('delays after failed sign-ins', () => {
  it('are in Redis what they are in memory, whatever is tried when', async () => {
    const clock = `tonumber(redis.call('GET', '${CLOCK}'))`;
    const [admit, settle] = [new Script<number>(admitLua(clock)), new Script<number>(settleLua(clock))];
    const client = redisOf(await start());
    const rules = [ACCOUNT_DELAY, ADDRESS_DELAY].flatMap(({ free, firstMs, longestMs }) => [free, firstMs, longestMs]);
    const attempt = fc.record({
      pause: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 2 * FORGET_MS })),
      account: fc.constantFrom('ann', 'bo'),
      addressed: fc.boolean(),
      outcome: fc.constantFrom('succeeded' as const, 'failed' as const, 'failed' as const, 'failed' as const, 'undecided' as const),
    });
    let traces = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 60 }), async (attempts) => {
        const trace = traces++;
        let now = 1_763_700_000_000;
        const memory = new MemorySignInDelays(() => now);
        for (const { pause, account, addressed, outcome: end } of attempts) {
          now += pause;
          const address = addressed ? '192.0.2.1' : undefined;
          const keys = [`t${trace} ${account}`, ...(addressed ? [`t${trace} address`] : [])];
          const wait = await client.attempt('test', async (redis) => {
            const [, answer] = await Promise.all([redis.set(CLOCK, now * 1000), admit.run(redis, keys, [FORGET_MS, ...rules])]);
            return answer;
          });
          expect(wait! / 1000).toBe(await memory.admit(account, address));
          if (wait! > 0) continue;
          await client.attempt('test', (redis) => settle.run(redis, keys, [FORGET_MS, end]));
          await memory.settle(account, address, end);
        }
      }),
      { numRuns: 150 },
    );
    expect(traces).toBeGreaterThanOrEqual(150);
  });

  it('hold for a guesser who goes from process to process', async () => {
    const [one, two] = [await start(), await start()];
    await one.ask(RegisterUser, { login: 'guessed', password: PASSWORD });
    for (let guess = 0; guess < 5; guess++) expect(await outcome(signIn(guess % 2 ? one : two, 'guessed', `wrong ${guess}`))).toBe('unauthorized');
    expect(await outcome(signIn(one, 'guessed'))).toBe('too_many_requests');
    expect(await outcome(signIn(two, 'guessed'))).toBe('too_many_requests');
  });

  it('cannot be counted while Redis is dead: nobody signs in, who is signed in stays so, and it opens again by itself', async () => {
    const app = await start();
    const { refresh_token } = await app.ask(RegisterUser, { login: 'stays', password: PASSWORD });
    await server.kill();
    await eventually(() => !redisOf(app).isReady);
    expect(await outcome(signIn(app, 'stays'))).toBe('unavailable');
    const renewed = await app.ask(RefreshToken, { refresh_token });
    expect(await outcome(app.ask(EndSession, { refresh_token: renewed.refresh_token }))).toBe('accepted');
    expect(await outcome(app.ask(RefreshToken, { refresh_token: renewed.refresh_token }))).toBe('unauthorized');
    await server.start();
    await eventually(() => redisOf(app).isReady);
    expect(await outcome(signIn(app, 'stays'))).toBe('accepted');
  });

  it('are counted by each process itself while Redis is dead, where the setting says so', async () => {
    const app = await start({ AUTH_SIGN_IN_WITHOUT_REDIS: 'true' });
    await app.ask(RegisterUser, { login: 'alone', password: PASSWORD });
    await server.kill();
    await eventually(() => !redisOf(app).isReady);
    for (let guess = 0; guess < 5; guess++) expect(await outcome(signIn(app, 'alone', `wrong ${guess}`))).toBe('unauthorized');
    expect(await outcome(signIn(app, 'alone'))).toBe('too_many_requests');
    await server.start();
    await eventually(() => redisOf(app).isReady);
  });
});

describe('a session that has ended', () => {
  it('is refused by every process as soon as its end is answered, although no signal was heard', async () => {
    const [one, two] = [await start(), await start()];
    const { refresh_token } = await one.ask(RegisterUser, { login: 'ends', password: PASSWORD });
    const sid = Buffer.from(refresh_token.slice('vrt_'.length), 'base64url').toString('base64url', 0, 16);
    const gateway = new RevokedSessions(redisOf(two));
    expect(await gateway.has({ sid })).toBe(false);
    await one.ask(EndSession, { refresh_token });
    expect(await gateway.has({ sid })).toBe(true);
    expect(await outcome(two.ask(RefreshToken, { refresh_token }))).toBe('unauthorized');
  });

  it('outlives the process that began it, and stays refused when Redis has forgotten it', async () => {
    const one = await start();
    const { refresh_token } = await one.ask(RegisterUser, { login: 'outlives', password: PASSWORD });
    await one.stop();
    running.length = 0;
    const two = await start();
    const renewed = await two.ask(RefreshToken, { refresh_token });
    await two.ask(EndSession, { refresh_token: renewed.refresh_token });
    await redisOf(two).attempt('test', (redis) => redis.flushall());
    expect(await outcome(two.ask(RefreshToken, { refresh_token: renewed.refresh_token }))).toBe('unauthorized');
  });

  it('by its user: tokens issued before the moment are refused, later ones are not', async () => {
    const [one, two] = [await start(), await start()];
    const gateway = new RevokedSessions(redisOf(two));
    await one.ask(RevokeTokens, { user: 'u-1', issued_before: 2_000 });
    await one.ask(RevokeTokens, { user: 'u-1', issued_before: 1_000 });
    expect(await Promise.all([1_999, 2_000, undefined].map((issuedAt) => gateway.has({ user: 'u-1', issuedAt })))).toEqual([true, false, true]);
    expect(await gateway.has({ user: 'u-2', jti: 'j', sid: 's', issuedAt: 0 })).toBe(false);
  });
});
