import { once as onceOf } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { createTestVhost, debian13, rabbitMqProblem, startNginx, startPgBouncer, startPrimary, startRabbitMq, startRedis, startReplica } from '../src/index.ts';
import { answers } from '../src/servers/answers.ts';
import { processTree, runs } from '../src/servers/process-tree.ts';

async function ask<Row>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  // A server that is killed under it says so on the client.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

test('a Redis answers, is frozen and thawed, and is empty after a kill', async () => {
  const redis = await startRedis({ password: 'secret' });
  const say = (line: string, expected: RegExp) => answers(redis.port, `AUTH secret\r\n${line}\r\n`, expected);
  await say('SET a 1', /OK/);
  redis.freeze();
  expect(await say('PING', /PONG/)).toBe(false);
  redis.thaw();
  await redis.kill();
  expect(await answers(redis.port)).toBe(false);
  await redis.start();
  expect(await answers(redis.port, 'EXISTS a\r\n', /NOAUTH/)).toBe(true);
  const { pid } = redis;
  await redis.remove();
  expect(runs(pid)).toBe(false);
});

test('PgBouncer of Debian 13 carries prepared statements from one connection of the server to the next', async ({ skip }) => {
  if (!debian13()) return skip(rabbitMqProblem(4));
  const primary = await startPrimary({ settings: { fsync: 'off' } });
  const bouncer = await startPgBouncer({ upstream: primary.url, version: 'newer' });
  const clients = [0, 1].map(() => new Client({ connectionString: bouncer.urlOf(primary.url) }));
  for (const client of clients) await client.connect();
  // Each holds a connection of the server while the other prepares; then they have the other's.
  for (const order of [clients, clients.toReversed()]) {
    for (const client of order) await client.query('BEGIN');
    for (const client of order) expect((await client.query({ name: 'one', text: 'SELECT 1 AS one' })).rows).toEqual([{ one: 1 }]);
    for (const client of order) await client.query('COMMIT');
  }
  for (const client of clients) await client.end();
  await bouncer.remove();
  await primary.remove();
});

test('PgBouncer carries statements to Postgres, also after Postgres was started anew', async () => {
  const primary = await startPrimary({ password: 'p w/d', settings: { fsync: 'off' } });
  const bouncer = await startPgBouncer({ upstream: primary.url, poolSize: 2 });
  const url = bouncer.urlOf(primary.url);
  expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await primary.kill();
  await primary.start();
  // The connection that died with it is told to one client, and only to one.
  await ask(url, 'SELECT 1').catch(() => undefined);
  expect(await ask(url, 'SELECT 2 AS two')).toEqual([{ two: 2 }]);
  await expect(ask(url.replace(/:\/\/[^@]*@/, '://postgres:wrong@'), 'SELECT 1')).rejects.toThrow();
  await bouncer.remove();
  await primary.remove();
});

test('a replica copied from a running primary follows it, makes it wait when synchronous, and takes over', async () => {
  const primary = await startPrimary({ password: "it's a \\ p w/d", settings: { fsync: 'off' } });
  await ask(primary.url, 'CREATE TABLE thing AS SELECT generate_series(1, 50000) AS n');
  const writing = ask(primary.url, 'INSERT INTO thing SELECT generate_series(50001, 100000)');
  const replica = await startReplica(primary, { durable: false });
  await writing;
  await replica.caughtUp();
  expect(await ask(replica.url, 'SELECT count(*)::int AS n FROM thing')).toEqual([{ n: 100_000 }]);
  await expect(ask(replica.url, 'DELETE FROM thing')).rejects.toThrow('read-only');

  await replica.synchronous(true);
  replica.freeze();
  let committed = false;
  const waits = ask(primary.url, 'INSERT INTO thing VALUES (0)').then(() => (committed = true));
  await ask(primary.url, 'SELECT pg_sleep(0.2)');
  expect(committed).toBe(false);
  replica.thaw();
  await waits;

  await primary.kill();
  await replica.promote();
  expect(await ask(replica.url, 'DELETE FROM thing WHERE n = 0 RETURNING n')).toEqual([{ n: 0 }]);
  await replica.remove();
  await primary.remove();
});

test('every file has a vhost of its own on the RabbitMQ of the run', { timeout: 90_000 }, async () => {
  const [a, b] = await Promise.all([createTestVhost(), createTestVhost()]);
  expect(a.name).not.toBe(b.name);
  expect((await a.ctl('list_vhosts')).split('\n')).toEqual(expect.arrayContaining([a.name, b.name]));
  expect(await answers(a.node.port, 'AMQP\0\0\x09\x01', /^(?!AMQP)/)).toBe(true);
  await a.drop();
  expect((await b.ctl('list_vhosts')).split('\n')).not.toContain(a.name);
  await b.drop();
});

test.for([3, 4] as const)(
  'a RabbitMQ %i of its own is frozen, killed with all its processes, and comes back with its vhosts',
  { timeout: 90_000 },
  async (version, { skip }) => {
    const problem = rabbitMqProblem(version);
    if (problem) return skip(problem);
    const rabbit = await startRabbitMq({ version, password: 'secret' });
    const { name } = await rabbit.createVhost();
    expect(await rabbit.ctl('version')).toMatch(new RegExp(`^${version}\\.`, 'm'));
    const tree = processTree(rabbit.pid);
    rabbit.freeze();
    expect(await answers(rabbit.port, 'AMQP\0\0\x09\x01', /^(?!AMQP)/)).toBe(false);
    await rabbit.kill();
    expect(tree.filter(runs)).toEqual([]);
    await rabbit.start();
    expect(await rabbit.ctl('list_vhosts')).toContain(name);
    expect(await rabbit.stop()).toBe(0);
    await rabbit.remove();
  },
);

test('nginx has the routes of the doors, and says 502 for a door behind which nobody is', async () => {
  const nginx = await startNginx({ routes: { websocket: [], sse: [], api: [] } });
  for (const path of ['/', '/chat/events', '/realtime/ws']) expect((await fetch(nginx.origin + path)).status).toBe(502);
  const socket = connect(nginx.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await onceOf(socket, 'connect');
  const tree = processTree(nginx.pid);
  expect(tree.length).toBeGreaterThan(1);
  await nginx.kill();
  expect(tree.filter(runs)).toEqual([]);
  socket.destroy();
  await nginx.start();
  await nginx.remove();
});

test('a server that does not come up says why, and leaves nothing', async () => {
  const taken = await startRedis();
  await expect(startRedis({ port: taken.port })).rejects.toThrow('redis did not start: something else listens on its port');
  await taken.remove();
  await expect(startPgBouncer({ upstream: 'postgres://u@127.0.0.1:1/x', settings: { pool_mode: 'no such mode' } })).rejects.toThrow(
    /pgbouncer did not start: it ended with 1[^]*no such mode/,
  );
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`veche-server-${process.pid}-`))).toEqual([]);
});
