import type { Database, Statement, Transaction, TransactionOptions } from '@veche/platform-postgres';
import { DatabaseUnavailableError } from '@veche/platform-postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ground, openGround, readAll } from './ground.ts';
import { Loop, say, saying, Say } from './loop.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

/** Fails the n-th time that the loop waits for something: a statement, BEGIN, COMMIT (before or behind it), the bus. */
class Failpoints {
  private passed = 0;
  constructor(private readonly failing: number) {}

  pass(): void {
    if (++this.passed === this.failing) throw new DatabaseUnavailableError(new Error(`failpoint ${this.failing}`));
  }

  get reached(): boolean {
    return this.passed >= this.failing;
  }

  database(real: Database): Database {
    const transaction = async <T>(fn: (tx: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> => {
      this.pass();
      const result = await real.transaction(async (tx) => {
        const failing: Transaction = {
          isTransaction: true,
          query: async <Row>(statement: Statement) => {
            this.pass();
            const rows = await tx.query<Row>(statement);
            this.pass();
            return rows;
          },
        };
        const value = await fn(failing);
        this.pass();
        return value;
      }, options);
      this.pass();
      return result;
    };
    return { transaction } as unknown as Database;
  }
}

test('a failure at every await: the batch is thrown back, comes again, and each command is applied once and answered alike', async () => {
  let tried = 0;
  for (let failing = 1; ; failing++) {
    const points = new Failpoints(failing);
    const loop = new Loop(points.database(ground.database));
    loop.bus.beforePublish = () => points.pass();
    loop.handle(Say, async (batch) => ({
      ...(await saying(batch)),
      project: async () => void (await batch.tx.query({ text: 'SELECT 1' })),
    }));
    const channel = `news:point-${failing}`;
    const batch = [say(channel, '1'), say(channel, 'refuse'), say(channel, '2')];
    let failures = 0;
    const deliver = async (attempt: number): ReturnType<Loop['process']> => loop.process(batch, attempt).catch(() => (failures++, deliver(attempt + 1)));
    const replies = await deliver(1);
    expect(replies.map((reply) => (reply.ok ? reply.seq : reply.error))).toEqual([1, 'permission_denied', 2]);
    expect((await readAll(ground, channel)).map(({ seq, command_id }) => [seq, command_id])).toEqual([
      [1, batch[0]?.command_id],
      [2, batch[2]?.command_id],
    ]);
    expect(new Set(loop.bus.published.map(({ seq }) => seq))).toEqual(new Set([1, 2]));
    if (!points.reached) break;
    expect(failures).toBe(1);
    tried++;
  }
  expect(tried).toBeGreaterThan(12);
});

test('a publish that fails: the batch is delivered again, the events go out once more and are not doubled in the log', async () => {
  const loop = new Loop(ground.database);
  let failing = 3;
  loop.bus.beforePublish = () => {
    if (failing-- > 0) throw new Error('the bus did not confirm');
  };
  const batch = [say('news:unpublished', '1'), say('news:unpublished', '2')];
  for (let attempt = 1; attempt <= 3; attempt++) await expect(loop.process(batch, attempt)).rejects.toThrow('did not confirm');
  expect(await loop.process(batch, 4)).toMatchObject([
    { ok: true, seq: 1 },
    { ok: true, seq: 2 },
  ]);
  expect((await readAll(ground, 'news:unpublished')).length).toBe(2);
  expect(loop.bus.published.map(({ seq }) => seq)).toEqual([1, 2]);
});

test('a database that is away: the batch is thrown back at every attempt, nothing is refused as poison', async () => {
  const away = { transaction: () => Promise.reject(new DatabaseUnavailableError(new Error('ECONNREFUSED'))) } as unknown as Database;
  const loop = new Loop(away);
  for (const attempt of [1, 4, 10])
    await expect(loop.process([say('news:away', '1'), say('news:away', '2')], attempt)).rejects.toBeInstanceOf(DatabaseUnavailableError);
});
