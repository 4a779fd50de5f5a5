import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { eventually } from '@veche/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from '../src/run-cli.ts';
import { COST } from '../src/steward/cost.rules.ts';
import { stewardCommand } from '../src/steward/steward-command.ts';
import { FakeKubernetes } from './fake-kubernetes.ts';

let cluster: FakeKubernetes;
let stop: AbortController;
beforeEach(async () => {
  cluster = await FakeKubernetes.start();
  stop = new AbortController();
});
afterEach(() => cluster.stop());

async function steward(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const place = ['--server', cluster.server, '--credentials', cluster.credentials, '--port', String(cluster.port)];
  const output = { stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (err += text) } };
  const code = await runCli(['steward', ...words, ...place], [stewardCommand(() => stop.signal)], output);
  return { code, out, err };
}

it('writes at each pod that holds sessions what it costs, the emptiest the least, and only when it changes', async () => {
  const [full, half, fresh] = [await cluster.pod('ws-full', 9_000), await cluster.pod('ws-half', 1_500, 'sse'), await cluster.pod('ws-fresh', 1, 'standalone')];
  await cluster.pod('chat', 5_000, 'chat');
  expect((await steward('--once')).code).toBe(0);
  expect([full, half, fresh].map(({ annotations }) => annotations[COST])).toEqual(['14', '11', '1']);
  expect(cluster.patches).toHaveLength(3);
  await steward('--once');
  expect(cluster.patches).toHaveLength(3);
  full.sessions = 300;
  const { out } = await steward('--once');
  expect(cluster.patches.slice(3)).toEqual([{ pod: 'ws-full', annotations: { [COST]: '9' } }]);
  expect(JSON.parse(out)).toMatchObject({ module: 'steward', pod: 'ws-full', sessions: 300, cost: 9 });
});

it('leaves a pod that does not answer, or is on its way out, as it is, and goes on with the others', async () => {
  const [silent, leaving, well] = [await cluster.pod('a', 100), await cluster.pod('b', 100), await cluster.pod('c', 100)];
  silent.answers = false;
  leaving.terminating = true;
  const { code, out } = await steward('--once');
  expect([code, silent.annotations, leaving.annotations, well.annotations]).toEqual([0, {}, {}, { [COST]: '7' }]);
  expect(out).toContain('"pod":"a"');
});

it('looks again and again, with the token of the moment, until it is stopped', async () => {
  const pod = await cluster.pod('a', 100);
  const running = steward('--every', '1');
  await eventually(() => pod.annotations[COST] === '7');
  cluster.rotate('the second token');
  pod.sessions = 5_000;
  await eventually(() => pod.annotations[COST] === '13');
  stop.abort();
  expect((await running).code).toBe(0);
});

it('goes on after the API has refused, and says what the Role must allow', async () => {
  const pod = await cluster.pod('a', 100);
  cluster.refusal = 403;
  const once = await steward('--once');
  expect([once.code, once.err]).toEqual([1, expect.stringContaining('a Role that may list and patch pods')]);
  const running = steward('--every', '1');
  await eventually(() => cluster.refused === 3);
  cluster.refusal = undefined;
  await eventually(() => pod.annotations[COST] === '7');
  stop.abort();
  await running;
});

it('says at once that it is not in a pod', async () => {
  rmSync(join(cluster.credentials, 'token'));
  expect(await steward('--once')).toMatchObject({ code: 1, err: expect.stringContaining('token cannot be read') });
});
