import type { CommandEnvelope, CommandReply } from '@veche/contracts';
import { describe, expect, it, vi } from 'vitest';
import type { BatchProcessor } from '../../src/index.ts';
import { command, done } from '../command.fixture.ts';
import { gate, type Stage } from './stage.fixture.ts';

const idsOf = (batch: readonly CommandEnvelope[]): string[] => batch.map(({ command_id }) => command_id);

/** An owner that answers as told and remembers what it was given. */
class Owner implements BatchProcessor {
  readonly deliveries: { readonly ids: string[]; readonly attempt: number }[] = [];
  constructor(
    private readonly answer: (batch: readonly CommandEnvelope[], attempt: number) => Promise<readonly CommandReply[]> = async (batch) =>
      batch.map((_, index) => done(index + 1)),
  ) {}

  process(batch: readonly CommandEnvelope[], attempt: number): Promise<readonly CommandReply[]> {
    this.deliveries.push({ ids: idsOf(batch), attempt });
    return this.answer(batch, attempt);
  }
}

export function commandsConformance({ open, start }: Stage): void {
  describe('commands', () => {
    it('answers each sender with its own reply, after the batch was processed', async () => {
      const commit = gate();
      const owner = new Owner(async (batch) => {
        await commit.opened;
        return batch.map(({ command_id }) => done(Number(command_id.slice(2))));
      });
      const bus = await start({ commands: owner });
      let answered = 0;
      const replies = [7, 8, 9].map((index) => bus.commands.send(command('thread:a', index)).finally(() => answered++));
      await vi.waitUntil(() => owner.deliveries.length > 0, { interval: 1 });
      expect(answered).toBe(0);
      commit.open();
      expect(await Promise.all(replies)).toEqual([done(7), done(8), done(9)]);
    });

    it('never calls the owner inside the call of a sender', async () => {
      const owner = new Owner();
      const bus = await start({ commands: owner });
      const reply = bus.commands.send(command('thread:a', 1));
      expect(owner.deliveries).toEqual([]);
      await reply;
    });

    it('collects the next batch while one is in flight, in order for each channel', async () => {
      const commit = gate();
      const owner = new Owner(async (batch) => {
        if (owner.deliveries.length === 1) await commit.opened;
        return batch.map(() => done(1));
      });
      const bus = await start({ commands: owner }, { BUS_COMMAND_QUEUES: 1 });
      const first = bus.commands.send(command('thread:a', 0));
      await vi.waitUntil(() => owner.deliveries.length === 1, { interval: 1 });
      const rest = Array.from({ length: 150 }, (_, index) => bus.commands.send(command(`thread:${index % 3}`, index + 1)));
      commit.open();
      await Promise.all([first, ...rest]);
      expect(owner.deliveries.map(({ ids }) => ids.length)).toEqual([1, 150]);
      expect(owner.deliveries[1]?.ids).toEqual(Array.from({ length: 150 }, (_, index) => `c-${index + 1}`));
    });

    it('bounds a batch by its count and by its bytes', async () => {
      const owner = new Owner();
      const bus = await start({ commands: owner }, { BUS_COMMAND_QUEUES: 1, BUS_BATCH_COMMANDS: 10, BUS_BATCH_BYTES: 65_536 });
      const small = Array.from({ length: 25 }, (_, index) => command('thread:a', index));
      const large = [25, 26, 27].map((index) => command('thread:a', index, { data: { text: 'x'.repeat(40_000) } }));
      await Promise.all([...small, ...large].map((one) => bus.commands.send(one)));
      expect(owner.deliveries.map(({ ids }) => ids.length)).toEqual([10, 10, 6, 1, 1]);
    });

    it('delivers a batch that threw again, whole and first, counting attempts', async () => {
      const owner = new Owner(async (batch, attempt) => {
        if (batch.length === 2 && attempt < 3) throw new Error('serialization failure');
        return batch.map(() => done(1));
      });
      const bus = await start({ commands: owner }, { BUS_COMMAND_QUEUES: 1 });
      const replies = [1, 2].map((index) => bus.commands.send(command('thread:a', index)));
      await vi.waitUntil(() => owner.deliveries.length > 0, { interval: 1 });
      replies.push(bus.commands.send(command('thread:a', 3)));
      await Promise.all(replies);
      expect(owner.deliveries).toEqual([
        { ids: ['c-1', 'c-2'], attempt: 1 },
        { ids: ['c-1', 'c-2'], attempt: 2 },
        { ids: ['c-1', 'c-2'], attempt: 3 },
        { ids: ['c-3'], attempt: 1 },
      ]);
    });

    it('gives each delivery objects of its own: what an owner changed before it threw is not seen again', async () => {
      const texts: unknown[] = [];
      const owner = new Owner(async (batch, attempt) => {
        const data = batch[0]?.data as { text: string };
        texts.push(data.text);
        data.text = 'changed';
        if (attempt === 1) throw new Error('once');
        return batch.map(() => done(1));
      });
      const bus = await start({ commands: owner });
      await bus.commands.send(command('thread:a', 1, { data: { text: 'as sent' } }));
      expect(texts).toEqual(['as sent', 'as sent']);
    });

    it('treats a missing reply as a failure, never as an answer', async () => {
      const owner = new Owner(async (batch, attempt) => (attempt === 1 ? [] : batch.map(() => done(5))));
      const bus = await start({ commands: owner });
      expect(await bus.commands.send(command('thread:a', 1))).toEqual(done(5));
      expect(owner.deliveries).toHaveLength(2);
    });

    it('lets other queues flow past a poison batch, which ends at its deadline as unknown', async () => {
      const owner = new Owner(async (batch) => {
        if (batch.some(({ data }) => data === 'poison')) throw new Error('poison');
        return batch.map(() => done(1));
      });
      const bus = await start({ commands: owner }, { BUS_COMMAND_QUEUES: 8 });
      const poison = bus.commands.send({ ...command('thread:poison', 0, { data: 'poison' }), deadline: Date.now() + 300 });
      const others = Array.from({ length: 64 }, (_, index) => bus.commands.send(command(`thread:${index}`, index + 1)));
      const replies = await Promise.all(others);
      expect(replies.every(({ ok }) => ok)).toBe(true);
      expect(await poison).toMatchObject({ ok: false, error: 'outcome_unknown' });
      expect(Math.max(...owner.deliveries.filter(({ ids }) => ids[0] === 'c-0').map(({ attempt }) => attempt))).toBeGreaterThan(3);
    });

    it('answers unknown at the deadline when the owner is silent, and ignores its late answer', async () => {
      const commit = gate();
      const bus = await start({ commands: new Owner(async (batch) => commit.opened.then(() => batch.map(() => done(1)))) });
      const began = Date.now();
      const reply = await bus.commands.send({ ...command('thread:a', 1), deadline: began + 50 });
      expect(reply).toMatchObject({ ok: false, error: 'outcome_unknown' });
      expect(Date.now() - began).toBeGreaterThanOrEqual(49);
      commit.open();
    });

    it('refuses as unavailable what is past its deadline before it was taken up: nothing was done', async () => {
      const owner = new Owner();
      const bus = await start({ commands: owner });
      expect(await bus.commands.send({ ...command('thread:a', 1), deadline: Date.now() - 1 })).toMatchObject({ ok: false, error: 'unavailable' });
      expect(owner.deliveries).toEqual([]);
    });

    it('refuses as unavailable when too many wait, and takes commands again afterwards', async () => {
      const commit = gate();
      const owner = new Owner(async (batch) => commit.opened.then(() => batch.map(() => done(1))));
      const bus = await start({ commands: owner }, { BUS_COMMAND_QUEUES: 1, BUS_QUEUE_COMMANDS: 5 });
      const first = bus.commands.send(command('thread:a', 0));
      await vi.waitUntil(() => owner.deliveries.length === 1, { interval: 1 });
      const rest = Array.from({ length: 8 }, (_, index) => bus.commands.send(command('thread:a', index + 1)));
      expect(await Promise.all(rest.slice(5))).toEqual(Array.from({ length: 3 }, () => expect.objectContaining({ ok: false, error: 'unavailable' })));
      commit.open();
      expect((await Promise.all([first, ...rest.slice(0, 5)])).every(({ ok }) => ok)).toBe(true);
      expect(await bus.commands.send(command('thread:a', 20))).toMatchObject({ ok: true });
    });

    it('refuses as unavailable when nobody takes commands', async () => {
      const bus = await start({});
      expect(await bus.commands.send(command('thread:a', 1))).toMatchObject({ ok: false, error: 'unavailable' });
    });

    it('carries what was sent, not what became of it', async () => {
      let arrived: unknown;
      const bus = await start({ commands: new Owner(async (batch) => batch.map(({ data }) => ((arrived = data), done(1)))) });
      const data = { text: 'as sent', nested: [1] };
      const reply = bus.commands.send({ ...command('thread:a', 1, { data }), meta: '{"info":1}' });
      data.text = 'changed';
      data.nested.push(2);
      await reply;
      expect(arrived).toEqual({ text: 'as sent', nested: [1] });
    });

    it.each([
      ['a BigInt', 1n],
      ['undefined', undefined],
    ])('refuses %s as data without troubling the owner', async (_name, data) => {
      const owner = new Owner();
      const bus = await start({ commands: owner });
      expect(await bus.commands.send({ ...command('thread:a', 1), data })).toMatchObject({ ok: false, error: 'bad_request' });
      expect(owner.deliveries).toEqual([]);
    });

    it('finishes what was taken before it stops, and refuses what comes later', async () => {
      const commit = gate();
      const owner = new Owner(async (batch) => commit.opened.then(() => batch.map(() => done(1))));
      const bus = await start({ commands: owner }, { BUS_COMMAND_QUEUES: 1 });
      const taken = bus.commands.send(command('thread:a', 1));
      await vi.waitUntil(() => owner.deliveries.length === 1, { interval: 1 });
      const queued = bus.commands.send(command('thread:a', 2));
      const stopped = bus.stop();
      const late = bus.commands.send(command('thread:a', 3));
      expect(await late).toMatchObject({ ok: false, error: 'unavailable' });
      commit.open();
      await stopped;
      expect([await taken, await queued]).toEqual([done(1), done(1)]);
    });

    it('stops although its owner only throws: the outcome is reported unknown', async () => {
      const owner = new Owner(async () => {
        throw new Error('the database is gone');
      });
      const bus = await start({ commands: owner });
      const reply = bus.commands.send(command('thread:a', 1));
      await vi.waitUntil(() => owner.deliveries.length === 1, { interval: 1 });
      await bus.stop();
      expect(await reply).toMatchObject({ ok: false, error: 'outcome_unknown' });
    });

    it('stops when it was never started, and twice', async () => {
      const adapter = await open({});
      await adapter.stop();
      await adapter.stop();
      expect(await adapter.commands.send(command('thread:a', 1))).toMatchObject({ ok: false });
    });
  });
}
