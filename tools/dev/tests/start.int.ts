// `npm start` in every bad situation, as real processes with a real Postgres; the apps are stand-ins.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from '@veche/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { childrenOf, kill, type Scratch, scratch, type Started, type StartOptions, startProgram } from './started.ts';

const isRoot = process.getuid?.() === 0;
/** Root in a container often may not. */
const canMount = isRoot && mayMount();
let temporary: Scratch;
let running: Started[] = [];

beforeEach(() => void (temporary = scratch()));
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()));
  running = [];
  temporary.remove();
});

const data = () => join(temporary.path, 'data');
async function start(options: StartOptions = {}): Promise<Started> {
  const started = await startProgram({ args: ['--data', data()], ...options });
  running.push(started);
  return started;
}

async function startReady(options: StartOptions = {}): Promise<Started> {
  const started = await start(options);
  await started.ready();
  return started;
}

async function refused(options: StartOptions = {}): Promise<string> {
  const started = await start(options);
  expect(await started.ended, started.output()).toBe(1);
  return started.output();
}

const nobodyIsLeft = (pids: readonly number[]) => eventually(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), { what: 'all processes are gone' });

function mayMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'veche-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', place]).status === 0;
  if (mounted) spawnSync('umount', [place]);
  rmdirSync(place);
  return mounted;
}

test('what was written is there after a stop, and the stop leaves nothing running', async () => {
  const first = await startReady();
  await first.get('/put');
  const pids = childrenOf(data());
  expect(pids).toHaveLength(2);
  await first.stop();
  expect(await first.ended).toBe(0);
  await nobodyIsLeft(pids);
  const second = await startReady();
  expect(await second.get('/count')).toBe('1');
});

test('the database does not open without the password of the folder', async () => {
  const started = await startReady();
  expect(await started.get('/door')).toMatch(/password/);
});

test('everything killed by SIGKILL at once: the next start goes on from there', async () => {
  const first = await startReady();
  for (let round = 1; round <= 3; round++) {
    const started = round === 1 ? first : await startReady();
    await started.get('/put');
    const [server = 0, database = 0] = childrenOf(data());
    for (const pid of [started.child.pid ?? 0, server, -database]) kill(pid, 'SIGKILL');
    await started.ended;
  }
  expect(await (await startReady()).get('/count')).toBe('3');
});

test('only the start itself killed: server and database end with it and the next start works', async () => {
  const first = await startReady();
  await first.get('/put');
  const pids = childrenOf(data());
  kill(first.child.pid ?? 0, 'SIGKILL');
  const second = await startReady({ port: first.port });
  expect(await second.get('/count')).toBe('1');
  await nobodyIsLeft(pids);
});

test('a second start names the first and touches nothing', async () => {
  const first = await startReady();
  const text = await refused();
  expect(text).toContain(`Veche already runs on this data: process ${first.child.pid}, http://127.0.0.1:${first.port}`);
  expect(await first.get('/put')).toBe('ok');
});

test('ten starts at once: one runs, nine are refused', async () => {
  await (await startReady()).stop();
  const all = await Promise.all(Array.from({ length: 10 }, () => start()));
  const codes = await Promise.all(
    all.map((each) =>
      Promise.race([
        each.ended,
        each.ready().then(
          () => 'ready',
          () => 1,
        ),
      ]),
    ),
  );
  expect(
    codes.filter((code) => code === 'ready'),
    all.map((each) => each.output()).join('\n'),
  ).toHaveLength(1);
  expect(all.filter((each) => each.output().includes('already runs on this data'))).toHaveLength(9);
});

test.each(['port', 'privatePort'] as const)('a taken %s is named, with what to do', async (which) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as { port: number };
  const text = await refused({ [which]: port });
  blocker.close();
  expect(text).toMatch(new RegExp(`port ${port} on 127.0.0.1 is taken by another program: stop what uses it, or .*--port N`));
});

test('the server killed: it is started again and says so', async () => {
  const started = await startReady();
  await started.get('/put');
  const before = await started.get('/pid');
  kill(Number(before), 'SIGKILL');
  await eventually(() => started.output().includes('the server is ready again'));
  expect(started.output()).toContain('the server ended (signal SIGKILL); starting it again');
  expect(await started.get('/pid')).not.toBe(before);
  expect(await started.get('/count')).toBe('1');
});

test('the database killed: it is started again on its port and the server goes on', async () => {
  const started = await startReady();
  await started.get('/put');
  const [, database = 0] = childrenOf(data());
  kill(-database, 'SIGKILL');
  await eventually(() => started.output().includes('the database ended; starting it again'));
  await eventually(async () => (await started.get('/count')) === '1');
});

test('a server that fails at start ends the start with its own words', async () => {
  const text = await refused({ env: { SMALL_SERVER_FAILS: '1' } });
  expect(text).toContain('the server ended before it was ready (exit 3):\nCHANNELS must be JSON');
});

test('a failed migration ends the start with its own words', async () => {
  expect(await refused({ env: { SMALL_MIGRATE_FAILS: '1' } })).toMatch(/bringing the tables up to date failed \(exit 1\):[^]*table "thing" is in the way/);
});

test('Ctrl-C while it starts ends it and leaves nothing', async () => {
  const started = await start();
  await eventually(() => existsSync(join(data(), 'running.json')));
  await started.stop();
  expect(readdirSync(data())).not.toContain('running.json');
});

test('an ephemeral start leaves no folder', async () => {
  const started = await startReady({ args: ['--ephemeral'] });
  const folder = /Data +(.*?) +\(removed at the end\)/.exec(started.output())?.[1] ?? '';
  expect(existsSync(join(folder, 'postgres'))).toBe(true);
  await started.stop();
  expect(existsSync(folder)).toBe(false);
});

test('the data of another version is refused before anything is touched', async () => {
  mkdirSync(join(data(), 'postgres'), { recursive: true });
  writeFileSync(join(data(), 'veche.json'), '{"layout":1,"postgres":17}');
  writeFileSync(join(data(), 'postgres', 'PG_VERSION'), '17\n');
  expect(await refused()).toMatch(/made by Postgres 17, older than the 18/);
  expect(readdirSync(join(data(), 'postgres'))).toEqual(['PG_VERSION']);
  expect(readdirSync(data()).toSorted()).toEqual(['postgres', 'veche.json']);
});

test('a first start that was killed half way is done anew', async () => {
  mkdirSync(join(data(), 'postgres.new', 'base'), { recursive: true });
  writeFileSync(join(data(), 'veche.json'), '{"layout":1,"postgres":18}');
  await startReady();
  expect(existsSync(join(data(), 'postgres.new'))).toBe(false);
});

test('a postmaster.pid whose number belongs to another program now does not stop the start', async () => {
  await (await startReady()).stop();
  const other = spawn('sleep', ['60']);
  writeFileSync(join(data(), 'postgres', 'postmaster.pid'), `${other.pid}\n${data()}/postgres\n`, { mode: 0o600 });
  await startReady();
  other.kill();
});

test('an unknown option is refused with the list of options', async () => {
  expect(await refused({ args: ['--prot', '1'] })).toMatch(/Unknown option '--prot'[^]*--ephemeral/);
});

// Making a small disk, a read-only one, and another user needs root; in CI an ordinary user runs the rest.
test.runIf(isRoot)('an unwritable data folder is refused with what to do', async () => {
  mkdirSync(data());
  spawnSync('chmod', ['0711', temporary.path]);
  const text = await refused({ wrap: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] });
  expect(text).toMatch(/the data folder .* cannot be written \(EACCES\): let this user write there/);
});

test.runIf(isRoot).each([
  ['an ordinary user', 65_534],
  ['a user without a name', 54_321],
])('%s starts, stops and finds the data again', async (_, uid) => {
  mkdirSync(data());
  spawnSync('chown', ['-R', `${uid}:${uid}`, temporary.path]);
  const wrap = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const first = await startReady({ wrap });
  await first.get('/put');
  await first.stop();
  expect(await (await startReady({ wrap })).get('/count')).toBe('1');
});

test.runIf(canMount)('a disk without room is refused, and a disk that fills up later ends the start with the data whole', async () => {
  mkdirSync(data());
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=100m', 'tmpfs', data()]);
  try {
    expect(await refused()).toMatch(/the disk of .* is full: \d+ MB are left and 300 MB are needed/);
    expect(readdirSync(data())).toEqual([]);
    spawnSync('mount', ['-o', 'remount,size=400m', data()]);
    const started = await startReady();
    await started.get('/put');
    const filled = await started.get('/fill');
    expect(filled).toMatch(/No space left|terminat|recovery/);
    // Full to the last byte the database may give up; then the start says why and ends.
    if (started.child.exitCode !== null) expect(started.output()).toMatch(/the disk of .* is full/);
    spawnSync('mount', ['-o', 'remount,size=900m', data()]);
    await started.stop();
    expect(await (await startReady()).get('/count')).toBe('1');
  } finally {
    await Promise.all(running.map((each) => each.stop()));
    spawnSync('umount', [data()]);
  }
});

test('the sweep of temporary folders finds none of ours', () => {
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`veche-ephemeral-${process.pid}-`))).toEqual([]);
});

test('two starts on two folders run side by side', async () => {
  const [one, two] = await Promise.all([startReady(), startReady({ args: ['--data', join(temporary.path, 'other')], port: await freePort() })]);
  expect(await one.get('/put')).toBe('ok');
  expect(await two.get('/put')).toBe('ok');
});
