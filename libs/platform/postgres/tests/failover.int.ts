import { DatabaseUnavailableError, type OpenDatabase, openDatabase, UnknownOutcomeError } from '@veche/platform-postgres';
import {
  eventually,
  type PgBouncerServer,
  type PrimaryServer,
  type ReplicaServer,
  startPgBouncer,
  startPrimary,
  startReplica,
  startTcpProxy,
  type TcpProxy,
} from '@veche/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const opened: OpenDatabase[] = [];
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
});

async function open(settings: Parameters<typeof openDatabase>[0]): Promise<OpenDatabase> {
  const database = await openDatabase({ PG_POOL_SIZE: 2, ...settings });
  opened.push(database);
  return database;
}

const write = ({ database }: OpenDatabase, name: string) => database.query({ text: 'INSERT INTO account VALUES ($1)', values: [name] });
const inTransaction = ({ database }: OpenDatabase, name: string) =>
  database.transaction((tx) => tx.query({ text: 'INSERT INTO account VALUES ($1)', values: [name] }));
const names = async ({ database }: OpenDatabase): Promise<string[]> =>
  (await database.query<{ name: string }>({ text: 'SELECT name FROM account ORDER BY name' })).map(({ name }) => name);
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof UnknownOutcomeError ? 'unknown' : error instanceof DatabaseUnavailableError ? 'unavailable' : String(error)),
  );

const WAITING = `pid IN (SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep')`;
/** Does something to each backend that waits for a standby; resolves once there was one. */
const toWaiting = (others: OpenDatabase, what: 'pg_cancel_backend' | 'pg_terminate_backend') =>
  eventually(async () => (await others.database.query({ text: `SELECT ${what}(pid) FROM pg_stat_activity WHERE ${WAITING}` })).length > 0);

let primary: PrimaryServer;
let standby: ReplicaServer;
const begin = async () => {
  // Flushed to the standby, not to the disk: processes are killed here, no machine.
  primary = await startPrimary({ durable: false, settings: { synchronous_commit: 'on' } });
  standby = await startReplica(primary, { name: 'standby', durable: false, settings: { synchronous_commit: 'on' } });
  const setup = await openDatabase({ PG_URL: primary.url });
  await setup.database.query({ text: 'CREATE TABLE account (name text PRIMARY KEY)' });
  await setup.close();
  await standby.caughtUp();
};
const end = async () => {
  standby.thaw();
  if (primary.running) primary.thaw();
  await standby.remove();
  await primary.remove();
};

describe('a commit that waits for a standby', () => {
  let pooler: PgBouncerServer;
  beforeAll(async () => {
    await begin();
    await standby.synchronous(true);
    pooler = await startPgBouncer({ upstream: primary.url });
  });
  afterAll(async () => {
    await pooler.remove();
    await end();
  });
  afterEach(() => standby.thaw());

  test('and is not answered in time is unknown, neither success nor failure', async () => {
    const ours = await open({ PG_URL: primary.url, PG_STATEMENT_TIMEOUT_MS: 300, PG_QUERY_TIMEOUT_MS: 600 });
    await write(ours, 'before');
    standby.freeze();
    const began = performance.now();
    expect(await Promise.all([outcome(write(ours, 'frozen 1')), outcome(inTransaction(ours, 'frozen 2'))])).toEqual(['unknown', 'unknown']);
    expect(performance.now() - began).toBeLessThan(1500);
  });

  test('is no matter of notifications, which write nothing', async () => {
    const ours = await open({ PG_URL: primary.url, PG_STATEMENT_TIMEOUT_MS: 300, PG_QUERY_TIMEOUT_MS: 600 });
    await write(ours, 'before the notification');
    standby.freeze();
    expect(await outcome(ours.database.query({ text: `SELECT pg_notify('news', 'x')` }))).toBe('ok');
  });

  test('and whose wait is cancelled is unknown: the server says success, and only this server has the row', async () => {
    const ours = await open({ PG_URL: primary.url });
    const others = await open({ PG_URL: primary.url });
    await Promise.all([write(ours, 'warm 1'), write(others, 'warm 2')]);
    standby.freeze();
    const statement = outcome(write(ours, 'cancelled 1'));
    await toWaiting(others, 'pg_cancel_backend');
    expect(await statement).toBe('unknown');
    const transaction = outcome(inTransaction(ours, 'cancelled 2'));
    await toWaiting(others, 'pg_cancel_backend');
    expect(await transaction).toBe('unknown');
  });

  test('and whose backend is terminated is unknown', async () => {
    const ours = await open({ PG_URL: primary.url });
    const others = await open({ PG_URL: primary.url });
    await Promise.all([write(ours, 'warm 3'), write(others, 'warm 4')]);
    standby.freeze();
    const transaction = outcome(inTransaction(ours, 'terminated'));
    await toWaiting(others, 'pg_terminate_backend');
    expect(await transaction).toBe('unknown');
  });

  test('through a pooler is as unknown: unanswered in time, or cancelled', async () => {
    const ours = await open({ PG_URL: pooler.urlOf(primary.url), PG_STATEMENT_TIMEOUT_MS: 300, PG_QUERY_TIMEOUT_MS: 600 });
    const others = await open({ PG_URL: primary.url });
    await Promise.all([write(ours, 'warm 5'), write(others, 'warm 6')]);
    standby.freeze();
    expect(await Promise.all([outcome(write(ours, 'pooled 1')), outcome(inTransaction(ours, 'pooled 2'))])).toEqual(['unknown', 'unknown']);
    const patient = await open({ PG_URL: pooler.urlOf(primary.url) });
    standby.thaw();
    await write(patient, 'warm 7');
    standby.freeze();
    const waiting = [outcome(write(patient, 'pooled 3')), outcome(inTransaction(patient, 'pooled 4'))];
    await eventually(async () => (await others.database.query({ text: `SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'` })).length >= 2);
    await toWaiting(others, 'pg_cancel_backend');
    expect(await Promise.all(waiting)).toEqual(['unknown', 'unknown']);
  });

  test.each(['directly', 'through a pooler'])('a row that no standby has is not read after a crash, until one write has committed, %s', async (how) => {
    const url = how === 'directly' ? primary.url : pooler.urlOf(primary.url);
    const ours = await open({ PG_URL: url, PG_STATEMENT_TIMEOUT_MS: 300, PG_QUERY_TIMEOUT_MS: 600 });
    const unreplicated = `unreplicated ${how}`;
    await write(ours, `kept ${how}`);
    standby.freeze();
    expect(await outcome(write(ours, unreplicated))).toBe('unknown');
    expect(await names(ours)).not.toContain(unreplicated);
    await primary.kill();
    await primary.start();
    const looks = await Promise.all([outcome(names(ours)), outcome(ours.database.transaction((tx) => tx.query({ text: 'SELECT FROM account' })))]);
    expect(looks).toEqual(['unavailable', 'unavailable']);
    standby.thaw();
    expect(await eventually(() => names(ours))).toContain(unreplicated);
  });
});

describe('a server that comes back', () => {
  beforeAll(begin);
  afterAll(end);

  test('after a restart is used again by the same process, writes and notifications alike', async () => {
    const ours = await open({ PG_URL: primary.url });
    const heard: string[] = [];
    let interruptions = 0;
    await ours.listener.listen('news', { notified: (payload) => heard.push(payload), interrupted: () => interruptions++ });
    await write(ours, 'before the restart');
    await primary.stop();
    expect(await outcome(write(ours, 'while away'))).toMatch(/^(unavailable|unknown)$/);
    await expect(ours.listener.check()).rejects.toBeInstanceOf(DatabaseUnavailableError);
    await primary.start();
    await eventually(() => write(ours, 'after the restart').then(() => true));
    await eventually(() => interruptions === 1);
    await ours.database.query({ text: `SELECT pg_notify('news', 'again')` });
    await eventually(() => heard.includes('again'));
  });

  test('after a crash of one backend, which the postmaster survives, counts as another life', async () => {
    const ours = await open({ PG_URL: primary.url });
    const life = async () => (await ours.database.query<{ life: string }>({ text: LIFE }))[0]?.life;
    const before = await life();
    const [row] = await ours.database.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' });
    process.kill(row?.pid ?? 0, 'SIGKILL');
    const after = await eventually(life);
    expect(after).not.toBe(before);
    expect(after.split(' ')[0]).toBe(before?.split(' ')[0]);
  });
});

/** Start of the postmaster, and the mark of a recovery that it survived. */
const LIFE = `SELECT concat_ws(' ', extract(epoch FROM pg_postmaster_start_time()), extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time())) AS life`;

describe('of two hosts', () => {
  let url: string;
  beforeEach(async () => {
    await begin();
    const { host } = new URL(standby.url);
    url = primary.url.replace(/@([^/]*)/, `@${host},$1`);
  });
  afterEach(end);

  test('the one that takes writes is found, and after a promotion the other; an old primary that comes back gets nothing', async () => {
    const ours = await open({ PG_URL: url });
    await write(ours, 'first');
    await standby.caughtUp();
    await primary.kill();
    expect(await outcome(write(ours, 'nobody'))).toMatch(/^(unavailable|unknown)$/);
    await standby.promote();
    await eventually(() => write(ours, 'second').then(() => true));
    await primary.start();
    // All connections end, so that each is opened anew with both to choose from.
    await ours.database.query({
      text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    });
    await eventually(() => write(ours, 'third').then(() => true));
    expect(await names(ours)).toEqual(['first', 'second', 'third']);
    const late = await open({ PG_URL: url });
    expect(await names(late)).toEqual(['first', 'second', 'third']);
  });

  test('a frozen primary that thaws after a promotion is neither written nor read, although its connections live on', async () => {
    const ours = await open({ PG_URL: url, PG_STATEMENT_TIMEOUT_MS: 300, PG_QUERY_TIMEOUT_MS: 600, PG_CONNECT_TIMEOUT_MS: 600 });
    await Promise.all(Array.from({ length: 6 }, (_, i) => write(ours, `before ${i}`)));
    await standby.caughtUp();
    primary.freeze();
    await standby.promote();
    // A statement that was sent into the frozen one is carried out when it thaws, hence a name for each try.
    let tries = 0;
    await eventually(() => write(ours, `new ${++tries}`).then(() => true));
    primary.thaw();
    const rows = await Promise.all(Array.from({ length: 20 }, () => names(ours)));
    for (const row of rows) expect(row).toContain(`new ${tries}`);
    const old = await open({ PG_URL: primary.url });
    expect(await names(old)).not.toContain(`new ${tries}`);
  });
});

/** Whoever comes from here on is led there, and who was led elsewhere is cut off. */
const lead = (way: TcpProxy, to: number): void => {
  way.retarget(to);
  way.cut();
};

describe('one address', () => {
  beforeAll(begin);
  afterAll(end);

  test('that leads back to an old primary after a promotion is refused until it leads to the new one again', async () => {
    const way = await startTcpProxy({ target: primary.port });
    try {
      const url = new URL(primary.url);
      url.port = String(way.port);
      const ours = await open({ PG_URL: url.href });
      await write(ours, 'first');
      await standby.caughtUp();
      await standby.promote();
      lead(way, standby.port);
      await eventually(() => write(ours, 'on the new').then(() => true));
      lead(way, primary.port);
      await eventually(async () => (await outcome(write(ours, 'astray'))) === 'unavailable');
      expect(await outcome(names(ours))).toBe('unavailable');
      lead(way, standby.port);
      expect(await eventually(() => names(ours))).toEqual(['first', 'on the new']);
      const old = await open({ PG_URL: primary.url });
      expect(await names(old)).toEqual(['first']);
    } finally {
      for (const { close } of opened.splice(0)) await close();
      await way.stop();
    }
  });
});

describe('a streaming replica', () => {
  const who = ({ database }: OpenDatabase) =>
    database.read<{ standby: boolean }>({ text: 'SELECT pg_is_in_recovery() AS standby' }).then(([row]) => (row?.standby ? 'replica' : 'primary'));
  beforeAll(begin);
  afterAll(end);

  test('answers reads; frozen it costs the first ones a second and the others nothing; thawed it answers again', async () => {
    const ours = await open({ PG_URL: primary.url, PG_REPLICA_URLS: [standby.url] });
    expect(await who(ours)).toBe('replica');
    standby.freeze();
    const began = performance.now();
    expect(await Promise.all([who(ours), who(ours)])).toEqual(['primary', 'primary']);
    expect(performance.now() - began).toBeLessThan(1600);
    const resting = performance.now();
    for (let i = 0; i < 50; i++) expect(await who(ours)).toBe('primary');
    expect(performance.now() - resting).toBeLessThan(800);
    standby.thaw();
    await eventually(async () => (await who(ours)) === 'replica');
  });

  test('that is dead at the start or dies later fails nobody', async () => {
    await standby.kill();
    const ours = await open({ PG_URL: primary.url, PG_REPLICA_URLS: [standby.url] });
    expect(await who(ours)).toBe('primary');
    await standby.start();
    await eventually(async () => (await who(ours)) === 'replica');
    await standby.kill();
    expect(await Promise.all(Array.from({ length: 10 }, () => who(ours)))).toEqual(Array.from({ length: 10 }, () => 'primary'));
    await standby.start();
  });

  test('of an older history is not read, although it answers', async () => {
    await standby.promote();
    // The old primary stands in for a replica that nobody has told of the promotion.
    const ours = await open({ PG_URL: standby.url, PG_REPLICA_URLS: [primary.url] });
    await ours.database.query({ text: `INSERT INTO account VALUES ('of the new history')` });
    const read = () => ours.database.read({ text: 'SELECT name FROM account' });
    expect([await read(), await read()]).toEqual([[{ name: 'of the new history' }], [{ name: 'of the new history' }]]);
  });
});

describe('through a pooler', () => {
  let pooler: PgBouncerServer;
  let way: TcpProxy;
  beforeAll(async () => {
    await begin();
    way = await startTcpProxy({ target: primary.port });
    const upstream = new URL(primary.url);
    upstream.port = String(way.port);
    pooler = await startPgBouncer({ upstream: upstream.href });
  });
  afterAll(async () => {
    await pooler.remove();
    await way.stop();
    await end();
  });

  test('another server behind the same connections is noticed by each transaction: a promotion goes on, a way back does not', async () => {
    const ours = await open({ PG_URL: pooler.urlOf(primary.url), PG_DIRECT_URL: primary.url });
    await write(ours, 'first');
    await standby.caughtUp();
    await standby.promote();
    lead(way, standby.port);
    await eventually(() => write(ours, 'on the new').then(() => true));
    lead(way, primary.port);
    // Nothing is ever done astray: each transaction first looks where it is.
    const tries = await Promise.all(Array.from({ length: 10 }, (_, i) => outcome(i % 2 ? write(ours, `astray ${i}`) : inTransaction(ours, `astray ${i}`))));
    expect(tries.filter((each) => each === 'ok')).toEqual([]);
    await eventually(async () => (await outcome(names(ours))) === 'unavailable');
    lead(way, standby.port);
    expect(await eventually(() => names(ours))).toEqual(['first', 'on the new']);
    const old = await open({ PG_URL: primary.url });
    expect(await names(old)).toEqual(['first']);
  });

  test('a server that was restarted is used again by the same process', async () => {
    const ours = await open({ PG_URL: pooler.urlOf(primary.url) });
    await write(ours, 'before the restart');
    await standby.kill();
    await standby.start();
    expect(await eventually(() => names(ours))).toContain('before the restart');
  });
});
