import { eventually } from '@veche/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamRequest } from '../src/door.ts';
import { Doors } from '../src/doors.ts';
import { parsePositions } from '../src/http/index.ts';
import { FakeTransport } from './world/fake-transport.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
  world.bus.join('thread:7', 'anna');
  world.bus.join('thread:8', 'anna');
});
afterEach(() => world.close());

const peer = { address: '192.0.2.7' };

async function source(requests: readonly StreamRequest[], token = tokenOf('anna')): Promise<FakeTransport> {
  const transport = new FakeTransport('sse', 'event_source');
  await world.get(Doors).openStream(transport, peer, token, requests);
  return transport;
}

/** EventSource messages as a browser reads them. */
const messages = (transport: FakeTransport): { id?: string; event?: string; data?: string }[] =>
  transport.raw
    .split('\n\n')
    .filter((block) => block !== '' && block !== ':')
    .map((block) => Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])));

const seqs = (transport: FakeTransport): number[] =>
  messages(transport)
    .filter(({ event, data }) => event === undefined && data !== undefined)
    .map(({ data }) => (JSON.parse(data!) as { seq: number }).seq);

describe('an EventSource', () => {
  it('resumes after its cursor and carries the cursor as the id of each event', async () => {
    for (let n = 0; n < 5; n++) world.log.append('thread:7');
    const { epoch } = world.log.open('thread:7');
    const transport = await source([{ channel: 'thread:7', after: { epoch, seq: 3 } }]);
    await world.bus.happen('thread:7');
    await eventually(() => seqs(transport).length === 3);
    expect(seqs(transport)).toEqual([4, 5, 6]);
    expect(messages(transport).at(-1)!.id).toBe(`${epoch}:6`);
    expect(messages(transport)[0]).toMatchObject({ event: 'joined', id: `${epoch}:3` });
  });

  it('whose position is lost ends: the browser comes back and resumes, and would never have heard of it otherwise', async () => {
    const transport = await source([{ channel: 'thread:7' }, { channel: 'thread:8' }]);
    await world.bus.happen('thread:7');
    world.log.rewind('thread:7', 0);
    await world.bus.happen('thread:7');
    await eventually(() => transport.closed?.code === 3010);
    expect(messages(transport).at(-1)).toMatchObject({ event: 'disconnect', retry: expect.stringMatching(/^\d+$/) as string });
  });

  it('is refused before a byte was written', async () => {
    const transport = new FakeTransport('sse', 'event_source');
    const open = (token: string | undefined, requests: readonly StreamRequest[]): Promise<unknown> =>
      world.get(Doors).openStream(transport, peer, token, requests);
    await expect(open('nonsense', [{ channel: 'thread:7' }])).rejects.toMatchObject({ error: 'unauthorized' });
    await expect(open(undefined, [{ channel: 'thread:7' }])).rejects.toMatchObject({ error: 'unauthorized' });
    await expect(open(tokenOf('eve'), [{ channel: 'thread:7' }])).rejects.toMatchObject({ error: 'permission_denied' });
    await expect(open(tokenOf('anna'), [])).rejects.toMatchObject({ error: 'bad_request' });
    expect(transport.chunks).toEqual([]);
  });

  it('of several channels gets a cursor of all of them by itself', async () => {
    const channels = ['thread:7', 'thread:8'];
    const transport = await source(channels.map((channel) => ({ channel })));
    await world.bus.happen('thread:7');
    await world.bus.happen('thread:8');
    await world.bus.happen('thread:8');
    const cursorOf = (): ReturnType<typeof parsePositions> =>
      parsePositions(messages(transport).findLast(({ event }) => event === 'cursor')?.id ?? '', channels);
    await eventually(() => cursorOf()?.get('thread:8')?.seq === 2, { timeoutMs: 3_000 });
    expect(cursorOf()!.get('thread:7')).toEqual({ epoch: world.log.open('thread:7').epoch, seq: 1 });
    expect(
      messages(transport)
        .filter(({ data, event }) => data !== undefined && event === undefined)
        .every(({ id }) => id === undefined),
    ).toBe(true);
  });

  it('is told when it is removed', async () => {
    const transport = await source([{ channel: 'thread:7' }]);
    await world.bus.happen('thread:7', { kind: 'chat.member-removed.v1', data: '{"user":"anna"}' });
    await world.bus.happen('thread:7');
    await eventually(() => messages(transport).some(({ event }) => event === 'left'));
    expect(seqs(transport)).toEqual([1]);
  });
});

describe('a poll', () => {
  const poll = (requests: readonly StreamRequest[], user = 'anna') => world.get(Doors).poll(peer, tokenOf(user), requests);

  it('pages through what is new, then has nothing', async () => {
    for (let n = 0; n < 700; n++) world.log.append('thread:7');
    const { epoch } = world.log.open('thread:7');
    const found: number[] = [];
    let seq = 0;
    for (let more = true; more;) {
      const { channels, cursor } = await poll([{ channel: 'thread:7', after: { epoch, seq } }]);
      found.push(...channels[0]!.events.map((event) => (JSON.parse(event) as { seq: number }).seq));
      ({ seq, more } = channels[0]!);
      expect(cursor).toBe(`${epoch}:${seq}`);
    }
    expect(found).toEqual(Array.from({ length: 700 }, (_, at) => at + 1));
    expect((await poll([{ channel: 'thread:7', after: { epoch, seq } }])).channels[0]).toEqual({
      channel: 'thread:7',
      epoch,
      seq: 700,
      recovered: true,
      more: false,
      events: [],
    });
  });

  it('says that a foreign position cannot be served, and where to go on', async () => {
    world.log.append('thread:7');
    const { epoch } = world.log.open('thread:7');
    expect((await poll([{ channel: 'thread:7', after: { epoch: 'old', seq: 9 } }])).channels[0]).toEqual({
      channel: 'thread:7',
      epoch,
      seq: 1,
      recovered: false,
      more: false,
      events: [],
    });
  });

  it('is refused to a stranger and to nobody', async () => {
    await expect(poll([{ channel: 'thread:7' }], 'eve')).rejects.toMatchObject({ error: 'permission_denied' });
    await expect(world.get(Doors).poll(peer, undefined, [{ channel: 'thread:7' }])).rejects.toMatchObject({ error: 'unauthorized' });
  });

  it('reads nothing when somebody here listens and nothing is new', async () => {
    await source([{ channel: 'thread:7' }]);
    const event = await world.bus.happen('thread:7');
    const { reads, positionQueries } = world.log;
    await poll([{ channel: 'thread:7', after: event }]);
    expect([world.log.reads, world.log.positionQueries]).toEqual([reads, positionQueries]);
  });
});
