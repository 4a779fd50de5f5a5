import type { CommandReply } from '@veche/contracts';
import { EventLog } from '@veche/event-log';
import { type OpenDatabase, openDatabase } from '@veche/platform-postgres';
import { eventually, type PgBouncerServer, startPgBouncer } from '@veche/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Ground, openGround, readAll, upTo } from './ground.ts';
import { Loop, say } from './loop.ts';

const CHANNELS = ['news:one', 'news:two', 'news:three'];
const OWNERS = 4;
const BATCHES = 30;

let ground: Ground;
let pooler: PgBouncerServer;
const owners: OpenDatabase[] = [];
beforeAll(async () => {
  ground = await openGround();
  pooler = await startPgBouncer({ upstream: inject('pgUrl'), poolSize: 3 });
  for (const _ of upTo(OWNERS)) owners.push(await openDatabase({ PG_URL: pooler.urlOf(ground.url) }));
});
afterAll(async () => {
  for (const { close } of owners) await close();
  await pooler.remove();
  await ground.close();
});

/** As the bus does: the same batch again until it is answered. */
async function deliver(loop: Loop, batch: Parameters<Loop['process']>[0]): Promise<readonly CommandReply[]> {
  for (let attempt = 1; ; attempt++) {
    const replies = await loop.process(batch, attempt).catch(() => undefined);
    if (replies?.every((reply) => reply.ok)) return replies;
    expect(attempt).toBeLessThan(200);
    await eventually(() => pooler.running);
  }
}

test('owners behind a pooler that is killed twice: nothing is lost, doubled or skipped', async () => {
  let delivered = 0;
  const own = async (opened: OpenDatabase, who: number) => {
    const loop = new Loop(opened.database);
    const answers: string[] = [];
    for (let i = 0; i < BATCHES; i++) {
      const batch = CHANNELS.flatMap((channel) => upTo(5).map((j) => say(channel, 'x', { actor: `a${who}`, command_id: `${who}-${i}-${j}` })));
      for (const [at, reply] of (await deliver(loop, batch)).entries()) answers.push(`${batch[at]?.channel} ${reply.ok ? reply.seq : reply.error}`);
      delivered++;
    }
    return answers;
  };
  const kill = async (at: number) => {
    await eventually(() => delivered >= at);
    await pooler.kill();
    await pooler.start();
  };
  const [answers] = await Promise.all([Promise.all(owners.map(own)), kill(20), kill(70)]);
  const all = answers.flat();
  expect(new Set(all).size).toBe(OWNERS * BATCHES * CHANNELS.length * 5);
  for (const channel of CHANNELS) {
    const log = await readAll({ log: new EventLog((owners[0] as OpenDatabase).database) }, channel);
    expect(log.map(({ seq }) => seq)).toEqual(upTo(OWNERS * BATCHES * 5));
    for (const { seq } of log) expect(all).toContain(`${channel} ${seq}`);
  }
});
