import { type CommandReply } from '@veche/contracts';
import { type Database, type Transaction, type TransactionOptions, UnknownOutcomeError } from '@veche/platform-postgres';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ground, openGround, readAll, upTo } from './ground.ts';
import { Loop, say } from './loop.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

/** Where one delivery of a batch is struck: its backend is ended behind the n-th statement, or the answer to COMMIT is lost. */
type Strike = { readonly at: number } | 'commit answer lost' | 'none';

/** The real database, with a backend that dies on cue. */
class MortalDatabase {
  strikes: Strike[] = [];
  killed = 0;
  constructor(private readonly real: Database) {}

  async transaction<T>(fn: (tx: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    const strike = this.strikes.shift() ?? 'none';
    const result = await this.real.transaction((tx) => fn(typeof strike === 'object' ? this.mortal(tx, strike.at) : tx), options);
    if (strike !== 'commit answer lost') return result;
    this.killed++;
    throw new UnknownOutcomeError(new Error('connection lost'));
  }

  private mortal(tx: Transaction, at: number): Transaction {
    let statements = 0;
    return {
      isTransaction: true,
      query: async (statement) => {
        const rows = await tx.query(statement);
        if (++statements === at) await this.kill(tx);
        return rows as never;
      },
    };
  }

  private async kill(tx: Transaction): Promise<void> {
    const [{ pid } = { pid: 0 }] = await tx.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' });
    await this.real.query({ text: 'SELECT pg_terminate_backend($1, 5000)', values: [pid] });
    this.killed++;
  }
}

/** As the bus does: the same batch again until it is answered. */
async function deliver(loop: Loop, batch: Parameters<Loop['process']>[0]): Promise<readonly CommandReply[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await loop.process(batch, attempt);
    } catch {
      expect(attempt).toBeLessThan(50);
    }
  }
}

const strike: fc.Arbitrary<Strike> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Strike>('none') },
  { weight: 3, arbitrary: fc.record({ at: fc.integer({ min: 1, max: 6 }) }) },
  fc.constant<Strike>('commit answer lost'),
);
const commands = fc.array(fc.record({ channel: fc.integer({ min: 0, max: 2 }), id: fc.integer({ min: 0, max: 25 }) }), { minLength: 1, maxLength: 12 });

test('random batches with repeats, random deaths of the backend: every command is applied exactly once and always answered alike', async () => {
  const mortal = new MortalDatabase(ground.database);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ commands, strikes: fc.array(strike, { maxLength: 3 }) }), { minLength: 1, maxLength: 6 }), async (batches) => {
      const prefix = `news:model-${run++}`;
      const loop = new Loop(mortal as unknown as Database);
      const model = new Map<string, string[]>();
      for (const { commands: items, strikes } of batches) {
        mortal.strikes = [...strikes];
        const batch = items.map(({ channel, id }) => say(`${prefix}-${channel}`, `t${id}`, { command_id: `${id}` }));
        const replies = await deliver(loop, batch);
        batch.forEach(({ channel, command_id }, i) => {
          const log = model.get(channel) ?? [];
          if (!log.includes(command_id)) model.set(channel, [...log, command_id]);
          expect(replies[i]).toMatchObject({ ok: true, seq: (model.get(channel)?.indexOf(command_id) ?? -1) + 1 });
        });
      }
      for (const [channel, expected] of model) {
        const log = await readAll(ground, channel);
        expect(log.map(({ seq, command_id }) => [seq, command_id])).toEqual(expected.map((id, i) => [i + 1, id]));
        // Whatever died in between: each event went out at least once, and always the same.
        const published = loop.bus.published.filter((event) => event.channel === channel);
        expect(new Set(published.map(({ seq }) => seq))).toEqual(new Set(upTo(expected.length)));
        for (const { seq, data } of published) expect(data).toBe(log[seq - 1]?.data);
      }
    }),
    { numRuns: 40 },
  );
  expect(mortal.killed).toBeGreaterThan(20);
});

const SHOOT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' ORDER BY random() LIMIT 1`;

test('four owners under fire, backends ended at random moments: nothing lost, doubled or skipped', async () => {
  let shots = 0;
  const send = async (loop: Loop, who: number) => {
    const answers: string[] = [];
    for (let i = 0; i < 40; i++) {
      const batch = upTo(10).map((j) => say(`news:fire-${j % 3}`, 'x', { actor: `a${who}`, command_id: `${who}-${i}-${j}` }));
      for (const reply of await deliver(loop, batch)) answers.push(reply.ok ? `${reply.seq}` : reply.error);
      // The other three are somewhere in a transaction.
      if (i % 2 === 0) shots += (await ground.database.query({ text: SHOOT }).catch(() => [])).length;
    }
    return answers;
  };
  const sent = await Promise.all(upTo(4).map((who) => send(new Loop(ground.database), who)));
  expect(shots).toBeGreaterThan(5);
  expect(sent.flat().filter((answer) => !/^\d+$/.test(answer))).toEqual([]);
  const logs = await Promise.all([0, 1, 2].map((i) => readAll(ground, `news:fire-${i}`)));
  for (const log of logs) expect(log.map(({ seq }) => seq)).toEqual(upTo(log.length));
  const ids = logs.flat().map(({ command_id }) => command_id);
  expect(ids.length).toBe(4 * 40 * 10);
  expect(new Set(ids).size).toBe(ids.length);
});
