/** Processes whose clocks disagree, which no deadline may notice. */
import { createTestVhost, type TestVhost } from '@veche/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../src/clock.ts';
import type { Handlers } from '../src/index.ts';
import { command } from './command.fixture.ts';
import { Owner } from './commands.fixture.ts';
import { freshPrefix, metricOf, openAdapter, type OpenedAdapter } from './rabbitmq.fixture.ts';

const MINUTES = 60_000;
/** `stall` makes what arrives look as if this process had stood still for so long. */
const skewed = (ms: number): Clock & { stall: number } => ({
  stall: 0,
  now() {
    return systemClock.now() + ms + this.stall;
  },
  after: (delay, then) => systemClock.after(delay, then),
});

let vhost: TestVhost;
const opened: OpenedAdapter[] = [];

beforeAll(async () => {
  vhost = await createTestVhost();
});
afterAll(() => vhost.drop());
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ adapter }) => adapter.stop()));
});

async function start(prefix: string, clock: Clock, handlers: Partial<Handlers> = {}): Promise<OpenedAdapter> {
  const one = openAdapter(vhost.url, { BUS_COMMAND_QUEUES: 1 }, prefix, clock);
  opened.push(one);
  await one.adapter.serve({ requests: new Map(), work: new Map(), ...handlers });
  return one;
}

describe.each([-10, -0.2, 0.2, 10])('with a door whose clock is %d minutes ahead of its services', (minutes) => {
  const clock = skewed(minutes * MINUTES);
  const deadline = (): number => clock.now() + 5000;

  it('commands are carried out, and dropped when they have waited past their deadline', async () => {
    const [prefix, owner, mine] = [freshPrefix(), new Owner(), skewed(0)];
    await start(prefix, mine, { commands: owner });
    const door = await start(prefix, clock);
    for (let index = 0; index < 5; index++)
      expect(await door.adapter.commands.send({ ...command('thread:a', index), deadline: deadline() })).toMatchObject({ ok: true });
    mine.stall = 30_000;
    expect(await door.adapter.commands.send({ ...command('thread:a', 5), deadline: deadline() })).toMatchObject({ ok: false, error: 'outcome_unknown' });
    expect(owner.deliveries).toHaveLength(5);
  });

  it('requests are answered, and not begun when they have waited past their deadline', async () => {
    const [prefix, mine] = [freshPrefix(), skewed(0)];
    let begun = 0;
    const service = await start(prefix, mine, { requests: new Map([['auth.whoami.v1', async () => ++begun]]) });
    const door = await start(prefix, clock);
    for (let index = 1; index <= 5; index++) expect(await door.adapter.requests.ask('auth.whoami.v1', {})).toBe(index);
    mine.stall = 30_000;
    await expect(door.adapter.requests.ask('auth.whoami.v1', {}, { timeoutMs: 300 })).rejects.toMatchObject({ error: 'outcome_unknown' });
    expect([begun, await metricOf(service.metrics, 'veche_messaging_requests_turned_away_total{service="auth",reason="expired"}')]).toEqual([5, 1]);
  });
});
