import { VecheError } from '@veche/contracts';
import { eventually } from '@veche/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChannelGrants } from '../src/grants/channel-grants.ts';
import { GrantAsker } from '../src/grants/grant-asker.ts';
import { GrantCache } from '../src/grants/grant-cache.ts';
import { Grants } from '../src/grants/grants.ts';
import { Channels } from '../src/hub/channels.ts';
import { Hub } from '../src/hub/hub.ts';
import { Client } from './client.ts';
import { openWorld, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
  world.bus.join('thread:7', 'anna', 'bo');
});
afterEach(() => world.close());

const subject = (user: string) => ({ user, caps: [] });
const asked = (kind: string): number => world.bus.questions.filter((one) => one.kind === kind).length;
const REMOVAL = { kind: 'chat.member-removed.v1', data: '{"user":"bo"}' };

/** Grants over the world's hub, on a clock that the test holds. */
function grantsAt(): { grants: ChannelGrants; pass(ms: number): void } {
  const now = { ms: 1_000_000 };
  const cache = new GrantCache(
    60_000,
    () => now.ms,
    (channel) => world.get(Channels).get(channel)?.openedAt,
  );
  const grants = new ChannelGrants(new GrantAsker(world.bus), cache);
  return { grants, pass: (ms) => (now.ms += ms) };
}

describe('a remembered grant', () => {
  it('of a thread that nobody here listens to is asked for again after five seconds: the end of a membership may have been lost', async () => {
    const { grants, pass } = grantsAt();
    expect((await grants.of(subject('bo'), 'thread:7')).subscribe).toBe(true);
    world.bus.members.get('thread:7')!.delete('bo');
    pass(4_999);
    await grants.of(subject('bo'), 'thread:7');
    expect(asked('chat.authorize-channel.v1')).toBe(1);
    pass(2);
    expect((await grants.of(subject('bo'), 'thread:7')).subscribe).toBe(false);
  });

  it('of a thread that was opened after it was asked for is no better', async () => {
    const { grants, pass } = grantsAt();
    await grants.of(subject('bo'), 'thread:7');
    world.bus.members.get('thread:7')!.delete('bo');
    // The removal is below the position that the hub begins at: no hole will ever show it.
    world.log.append('thread:7', REMOVAL);
    await world.get(Channels).hold('thread:7', true);
    pass(5_001);
    expect((await grants.of(subject('bo'), 'thread:7')).subscribe).toBe(false);
    // From here on the hub sees every change: what was asked for now is good for its whole time.
    const before = asked('chat.authorize-channel.v1');
    pass(50_000);
    await grants.of(subject('bo'), 'thread:7');
    expect(asked('chat.authorize-channel.v1')).toBe(before);
  });

  it('of an application channel has no membership that could end', async () => {
    const { grants, pass } = grantsAt();
    await grants.of(subject('bo'), 'chat:news');
    pass(50_000);
    await grants.of(subject('bo'), 'chat:news');
    expect(asked('channel.authorize-channel.v1')).toBe(1);
  });

  it('of a thread with subscribers ends with a removal that the fan-out has lost, by the position check', async () => {
    await world.close();
    world = await openWorld({ GATEWAY_POSITION_CHECK_MS: '200' });
    world.bus.join('thread:7', 'anna', 'bo');
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7' });
    expect((await world.get(Grants).of(subject('bo'), 'thread:7')).subscribe).toBe(true);
    world.bus.members.get('thread:7')!.delete('bo');
    world.log.append('thread:7', REMOVAL);
    await eventually(async () => !(await world.get(Grants).of(subject('bo'), 'thread:7')).subscribe, { what: 'the removal is noticed', timeoutMs: 2_000 });
  });
});

describe('a fan-out that tells heads alone', () => {
  const advance = (channel: string, seq: number): void => world.get(Hub).advanced([{ channel, seq }]);

  it('brings every event all the same, each once and in order, and none counts as lost', async () => {
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7' });
    for (let n = 0; n < 20; n++) world.log.append('thread:7');
    for (const seq of [3, 2, 9, 9, 20]) advance('thread:7', seq);
    await eventually(() => anna.seqs('thread:7').length === 20);
    expect(anna.seqs('thread:7')).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });

  it('voids what is remembered of a channel that is not held, or not yet open', async () => {
    const grants = world.get(Grants);
    await grants.of(subject('bo'), 'thread:7');
    world.bus.members.get('thread:7')!.delete('bo');
    world.log.append('thread:7', REMOVAL);
    advance('thread:7', 1);
    expect((await grants.of(subject('bo'), 'thread:7')).subscribe).toBe(false);

    world.bus.members.get('thread:7')!.add('bo');
    const gate = Promise.withResolvers<void>();
    world.log.gate = gate.promise;
    const opening = world.get(Channels).hold('thread:7', true);
    expect((await grants.of(subject('bo'), 'thread:7')).subscribe).toBe(false);
    advance('thread:7', 2);
    expect((await grants.of(subject('bo'), 'thread:7')).subscribe).toBe(true);
    gate.resolve();
    await opening;
  });

  it('cuts whoever is removed, after the removal and before anything later', async () => {
    const clients = [await Client.connected(world, 'anna'), await Client.connected(world, 'bo')] as const;
    for (const client of clients) await client.ask('subscribe', { channel: 'thread:7' });
    world.bus.members.get('thread:7')!.delete('bo');
    world.log.append('thread:7', REMOVAL);
    world.log.append('thread:7');
    advance('thread:7', 2);
    await eventually(() => clients[0].seqs('thread:7').length === 2);
    expect(clients[1].seqs('thread:7')).toEqual([1]);
    expect(clients[1].pushes('unsubscribe', 'thread:7')).toHaveLength(1);
  });

  it('tells of an inbox that has no row yet', async () => {
    const anna = await Client.connected(world, 'anna');
    world.log.append('user:anna');
    advance('user:anna', 1);
    await eventually(() => anna.seqs('user:anna').length === 1);
  });
});

describe('a crowd that comes back', () => {
  it('costs a question for many grants, a look-up for many positions and a read for each thread', async () => {
    const threads = 50;
    const members = 20;
    for (let thread = 0; thread < threads; thread++) {
      world.bus.join(`thread:${thread}`, ...Array.from({ length: members }, (_, n) => `u${thread}-${n}`));
      for (let n = 0; n < 40; n++) world.log.append(`thread:${thread}`);
    }
    const { reads, positionQueries } = world.log;
    const questions = world.bus.questions.length;
    let traffic = 0;
    const clients = await Promise.all(
      Array.from({ length: threads * members }, async (_, n) => {
        const thread = n % threads;
        const client = await Client.connected(world, `u${thread}-${Math.floor(n / threads)}`);
        // Messages go on meanwhile, so that each knows of a higher top than the one before.
        if (n % 7 === 0) await world.bus.happen(`thread:${traffic++ % threads}`);
        const { subscribe } = await client.ask('subscribe', { channel: `thread:${thread}`, recover: true, offset: 35 + (n % 2) });
        expect(subscribe.recovered).toBe(true);
        return client;
      }),
    );
    await eventually(
      () => clients.every((client, n) => client.seqs(`thread:${n % threads}`).at(-1) === world.log.open(`thread:${n % threads}`).events.length),
      { what: 'all are there', timeoutMs: 10_000 },
    );
    for (const [n, client] of clients.entries()) {
      const seqs = client.seqs(`thread:${n % threads}`);
      expect(seqs).toEqual(seqs.map((_, at) => 36 + (n % 2) + at));
    }
    const cost = { reads: world.log.reads - reads, positions: world.log.positionQueries - positionQueries, questions: world.bus.questions.length - questions };
    expect(cost.reads).toBeLessThanOrEqual(threads * 3);
    expect(cost.positions).toBeLessThan(200);
    expect(cost.questions).toBeLessThan(100);
  });

  it('is answered each by itself: one that cannot be granted harms nobody', async () => {
    const grants = world.get(Grants);
    const outcomes = await Promise.allSettled(['chat:a', 'nowhere:b', 'chat:c', 'nowhere:d', 'chat:e'].map((channel) => grants.of(subject('bo'), channel)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(asked('channel.authorize-channels.v1')).toBeGreaterThan(0);
  });

  it('is told within the time of two attempts, all of it, when the owner does not answer', async () => {
    let attempts = 0;
    world.bus.ask = async (_kind, _query) => {
      attempts++;
      await new Promise((resolve) => setImmediate(resolve));
      throw new VecheError('outcome_unknown');
    };
    const grants = world.get(Grants);
    const outcomes = await Promise.allSettled(Array.from({ length: 2_000 }, (_, n) => grants.of(subject(`u${n}`), 'thread:7')));
    expect(outcomes.every((outcome) => outcome.status === 'rejected' && (outcome.reason as VecheError).error === 'outcome_unknown')).toBe(true);
    expect(attempts).toBeLessThanOrEqual(4);
  });

  it('is asked for one by one when a whole batch fails for a reason of one of them', async () => {
    const ask = world.bus.ask.bind(world.bus);
    world.bus.ask = (kind, query) => (kind.endsWith('channels.v1') ? Promise.reject(new Error('invalid byte sequence')) : ask(kind, query));
    const users = ['anna', 'bo', 'eve', 'anna2'];
    const granted = await Promise.all(users.map((user) => world.get(Grants).of(subject(user), 'thread:7')));
    expect(granted.map(({ subscribe }) => subscribe)).toEqual([true, true, false, false]);
  });
});
