import { CarryUplink, DescribeNode, ListChannels, NODE_ANSWER, NODE_QUESTION, NODES_CHANNEL, nodeChannel, SteerSessions } from '@veche/contracts';
import { eventually } from '@veche/testing';
import { array, assert, asyncProperty, constantFrom, integer, nat } from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Cluster } from '../src/cluster/cluster.ts';
import { DrainSessions } from '../src/control/drain.ts';
import { Doors } from '../src/doors.ts';
import { CallServer, Membership, NodeCalls } from '../src/node/index.ts';
import { Sessions } from '../src/session/sessions.ts';
import { Client } from './client.ts';
import { disorder, nodeOf, openCluster, openStream, QUICK } from './cluster.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

let worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const here = { address: '192.0.2.7' };
const random = (seed: number): (() => number) => {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};
const quiet = (): readonly number[] => [0];
const errorOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { error?: string }) => error.error ?? String(error),
  );
/** It stands still or is dead: nothing reaches it and it says nothing. */
const cutOff = (world: World): void => {
  const node = nodeOf(world);
  world.bus.delays = ({ data }) => (data.includes(node) ? [] : [0]);
};

describe('processes of the edge', () => {
  it('learn of a newcomer at once, and of a goodbye', async () => {
    worlds = await openCluster(2, QUICK);
    const third = await openWorld({ GATEWAY_NODE_BEAT_MS: '10000' }, worlds[0]);
    await eventually(() => worlds.every((world) => world.get(Membership).has(nodeOf(third))), { what: 'the newcomer is known' });
    await eventually(() => third.get(Membership).others.length === 2, { what: 'it knows all' });
    await third.close();
    await eventually(() => worlds.every((world) => !world.get(Membership).has(nodeOf(third))), { what: 'it is forgotten', timeoutMs: 200 });
  });

  it('take for gone who is silent for more than three beats, and nobody else', async () => {
    worlds = await openCluster(3, QUICK);
    const [a, b, c] = worlds as [World, World, World];
    cutOff(c);
    await eventually(() => !a.get(Membership).has(nodeOf(c)) && !b.get(Membership).has(nodeOf(c)), { what: 'c is gone' });
    expect(a.get(Membership).has(nodeOf(b))).toBe(true);
  });

  it('take nobody for gone while the fan-out is away', async () => {
    worlds = await openCluster(3, QUICK);
    const [a, , c] = worlds as [World, World, World];
    let told = 0;
    a.bus.delays = () => (told++, []);
    await eventually(() => told > 3 * 6 * 3, { what: 'six beats of all', timeoutMs: 5_000 });
    expect(a.get(Membership).others).toHaveLength(2);
    a.bus.delays = quiet;
    await eventually(async () => (await a.get(NodeCalls).survey(DescribeNode, {}, { timeoutMs: 200 })).complete, { what: 'a complete survey' });
    expect(a.get(Membership).has(nodeOf(c))).toBe(true);
  });

  it('take the only other one for gone later: it might be the fan-out', async () => {
    worlds = await openCluster(2, QUICK);
    const [a, b] = worlds as [World, World];
    cutOff(b);
    await eventually(() => !a.get(Membership).isComplete, { what: 'a knows that it may be cut off' });
    expect(a.get(Membership).has(nodeOf(b))).toBe(true);
    await eventually(() => !a.get(Membership).has(nodeOf(b)), { what: 'b is gone' });
    expect(a.get(Membership).isComplete).toBe(true);
  });

  it('know that others may be missing after the fan-out was interrupted', async () => {
    worlds = await openCluster(2, QUICK);
    const [a] = worlds as [World, World];
    a.bus.interrupt();
    expect(a.get(Membership).isComplete).toBe(false);
    await eventually(() => a.get(Membership).isComplete, { what: 'complete again' });
  });
});

describe('a survey', () => {
  it('is complete and right whatever the fan-out loses, repeats and swaps', async () => {
    worlds = await openCluster(3);
    const bus = worlds[0]!.bus;
    for (const [at, world] of worlds.entries())
      world.get(CallServer).serve(ListChannels, ({ pattern }) => ({ channels: [[`${pattern}${at}`, at + 1] as const] }));
    await assert(
      asyncProperty(nat(), integer({ min: 0, max: 2 }), async (seed, asker) => {
        bus.delays = disorder(random(seed), { lost: 0.25 });
        const { answers, complete } = await worlds[asker]!.get(NodeCalls).survey(ListChannels, { pattern: `p${seed}-` }, { timeoutMs: 8_000 });
        bus.delays = quiet;
        expect(complete).toBe(true);
        expect(answers.map(({ answer }) => answer.channels[0]![0]).toSorted()).toEqual([`p${seed}-0`, `p${seed}-1`, `p${seed}-2`]);
      }),
      { numRuns: 10 },
    );
  });

  it('says at its deadline what it has, and that it is not all', async () => {
    worlds = await openCluster(3, { GATEWAY_NODE_BEAT_MS: '10000' });
    const [a, b, c] = worlds as [World, World, World];
    cutOff(c);
    const began = performance.now();
    const { answers, complete } = await a.get(NodeCalls).survey(DescribeNode, {}, { timeoutMs: 300 });
    expect(performance.now() - began).toBeLessThan(600);
    expect(complete).toBe(false);
    expect(answers.map(({ node }) => node).toSorted()).toEqual([nodeOf(a), nodeOf(b)].toSorted());
  });

  it('does not wait for a process that leaves meanwhile', async () => {
    worlds = await openCluster(2, { GATEWAY_NODE_BEAT_MS: '10000' });
    const [a, b] = worlds as [World, World];
    b.get(CallServer).serve(DescribeNode, () => new Promise(() => {}));
    const survey = a.get(NodeCalls).survey(DescribeNode, {}, { timeoutMs: 5_000 });
    await b.get(Membership).drain();
    const { answers, complete } = await survey;
    expect([answers.length, complete]).toEqual([1, true]);
  });

  it('carries an answer of megabytes in parts, in disorder', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    const channels = Array.from({ length: 40_000 }, (_, at): [string, number] => [`news:${at}-\u00e4\u{1f600}`, at]);
    b.get(CallServer).serve(ListChannels, () => ({ channels }));
    a.bus.delays = disorder(random(5), { lost: 0.001, doubled: 0.2, lateMs: 30 });
    const { answers, complete } = await a.get(NodeCalls).survey(ListChannels, {}, { timeoutMs: 8_000 });
    expect(complete).toBe(true);
    expect(answers.find(({ node }) => node === nodeOf(b))!.answer.channels).toEqual(channels);
  });

  it('is refused what is longer than that', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    b.get(CallServer).serve(ListChannels, () => ({
      channels: Array.from({ length: 80_000 }, (_, at): [string, number] => [`news:${at}-${'x'.repeat(60)}`, at]),
    }));
    expect(await errorOf(a.get(Cluster).channels(''))).toBe('limit_exceeded');
  });
});

describe('a question', () => {
  it('is carried out once, however often it arrives', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    let done = 0;
    b.get(CallServer).serve(SteerSessions, () => ({ sessions: ++done }));
    a.bus.delays = ({ kind }) => (kind === NODE_QUESTION ? [0, 5, 40] : [0]);
    for (let n = 1; n <= 20; n++)
      expect(await a.get(NodeCalls).ask(nodeOf(b), SteerSessions, { do: 'unsubscribe', user: 'u', channel: 'c' })).toEqual({ sessions: n });
    // The answer is lost: the question comes again and gets the same one.
    let answers = 0;
    a.bus.delays = ({ kind, data }) => (kind === NODE_ANSWER && (JSON.parse(data) as { call: number }).call === 21 && ++answers === 1 ? [] : [0]);
    expect(await a.get(NodeCalls).ask(nodeOf(b), SteerSessions, { do: 'unsubscribe', user: 'u', channel: 'c' })).toEqual({ sessions: 21 });
    expect([done, answers]).toEqual([21, 2]);
  });

  it('ends typed: refused, not known to an older process, gone, unanswered', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    const ask = (node: string, timeoutMs = 300): Promise<string> => errorOf(a.get(NodeCalls).ask(node, ListChannels, {}, { timeoutMs }));
    expect(await errorOf(a.get(NodeCalls).ask(nodeOf(b), { ...ListChannels, name: 'list-channels.v9' }, {}))).toBe('not_available');
    expect(await errorOf(a.get(NodeCalls).ask(nodeOf(b), CarryUplink, { session: '' } as never))).toBe('bad_request');
    b.get(CallServer).serve(ListChannels, () => {
      throw new Error('select * from secrets');
    });
    expect(await ask(nodeOf(b))).toBe('internal');
    expect(await ask('gw-9~gone')).toBe('not_found');
    a.bus.delays = () => [];
    const began = performance.now();
    expect(await ask(nodeOf(b))).toBe('outcome_unknown');
    expect(performance.now() - began).toBeLessThan(600);
  });

  it('is understood with fields that are not known here, and nonsense harms nobody', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    const answers: string[] = [];
    a.bus.subscribe({
      wants: (channel) => channel === nodeChannel('tester'),
      events: () => {},
      signals: (batch) => void answers.push(...batch.map(({ data }) => data)),
      advanced: () => {},
      interrupted: () => {},
    });
    const say = (data: string, kind = NODE_QUESTION): void => a.bus.signal([{ channel: nodeChannel(nodeOf(b)), kind, actor: '', data, meta: null }]);
    for (const data of ['', '{', '[]', 'null', '{"from":5}', '{"from":"tester","call":-1,"attempt":1,"question":"x","body":{}}'])
      for (const kind of [NODE_QUESTION, NODE_ANSWER]) say(data, kind);
    a.bus.signal([{ channel: NODES_CHANNEL, kind: 'edge.node-alive.v7', actor: '', data: '{', meta: null }]);
    say('{"from":"tester","call":1,"attempt":1,"newer":true,"question":"list-channels.v1","body":{"pattern":"none","deep":{"er":1}}}');
    await eventually(() => answers.length === 1, { what: 'an answer' });
    expect(JSON.parse((JSON.parse(answers[0]!) as { text: string }).text)).toEqual({ answer: { channels: [] } });
  });
});

describe('an uplink', () => {
  it('reaches the process that holds its session, from whichever process it was posted to', async () => {
    worlds = await openCluster(3);
    const [a, b, c] = worlds as [World, World, World];
    const stream = await openStream(a, 'anna');
    for (const world of [a, b, c]) expect(await world.get(Doors).emulate(stream.secret, here, `from ${nodeOf(world)}`)).toBe('delivered');
    expect(stream.heard).toEqual([a, b, c].map((world) => `from ${nodeOf(world)}`));
  });

  it('keeps the order of what one process was given, each once, whatever the fan-out loses, repeats and swaps', async () => {
    worlds = await openCluster(3);
    const [a, b, c] = worlds as [World, World, World];
    const bus = a.bus;
    await assert(
      asyncProperty(nat(), array(constantFrom('b' as const, 'c' as const), { minLength: 1, maxLength: 40 }), async (seed, road) => {
        const stream = await openStream(a, 'anna');
        bus.delays = disorder(random(seed), { lost: 0.2 });
        const posts = road.map((by, n) => (by === 'b' ? b : c).get(Doors).emulate(stream.secret, here, `${by}${n}`));
        const outcomes = await Promise.all(posts);
        bus.delays = quiet;
        expect(outcomes.every((outcome) => outcome === 'delivered')).toBe(true);
        for (const by of ['b', 'c'])
          expect(stream.heard.filter((text) => text.startsWith(by))).toEqual(road.flatMap((one, n) => (one === by ? [`${by}${n}`] : [])));
        stream.client.connection.gone();
      }),
      { numRuns: 12 },
    );
  });

  it('travels in few signals when many are posted at once', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    const stream = await openStream(a, 'anna');
    let questions = 0;
    a.bus.delays = ({ kind }) => (kind === NODE_QUESTION && questions++, [0]);
    await Promise.all(Array.from({ length: 60 }, (_, n) => b.get(Doors).emulate(stream.secret, here, `${n}`)));
    expect(stream.heard).toEqual(Array.from({ length: 60 }, (_, n) => `${n}`));
    expect(questions).toBeLessThanOrEqual(3);
  });

  it('is worth nothing to another page or beside the credential of another user', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    const stream = await openStream(a, 'anna', 'https://a.example');
    for (const world of [a, b]) {
      const post = (peer: object): Promise<string> => world.get(Doors).emulate(stream.secret, { ...here, ...peer }, 'x');
      expect(await post({ origin: 'https://b.example' })).toBe('unknown');
      expect(await post({})).toBe('unknown');
      expect(await post({ origin: 'https://a.example', token: tokenOf('bo') })).toBe('unknown');
      expect(stream.heard).toEqual([]);
      expect(await post({ origin: 'https://a.example', token: tokenOf('anna') })).toBe('delivered');
      expect(await post({ origin: 'https://a.example', token: 'stale' })).toBe('delivered');
      stream.heard.length = 0;
    }
  });

  it('of a session that has ended, a process that is gone, or nonsense is unknown at once', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    const stream = await openStream(a, 'anna');
    const post = (secret: string): Promise<string> => b.get(Doors).emulate(secret, here, 'x');
    expect(await post('nonsense')).toBe('unknown');
    expect(await post('x.gw-7~elsewhere')).toBe('unknown');
    expect(await post(`${stream.secret.slice(1)}`)).toBe('unknown');
    stream.client.connection.gone();
    expect(await post(stream.secret)).toBe('unknown');
    const other = await openStream(a, 'anna');
    await a.close();
    worlds.shift();
    await eventually(async () => (await post(other.secret)) === 'unknown', { what: 'unknown' });
  });

  it('that nobody answers for ends unknown in outcome, and so does what came behind it', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    const stream = await openStream(a, 'anna');
    a.bus.delays = () => [];
    const posts = [1, 2, 3].map((n) => errorOf(b.get(Doors).emulate(stream.secret, here, `${n}`)));
    expect(await Promise.all(posts)).toEqual(['outcome_unknown', 'outcome_unknown', 'outcome_unknown']);
  });

  it('is refused while too much of its session is on the way', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    const stream = await openStream(a, 'anna');
    const posts = Array.from({ length: 100 }, (_, n) => errorOf(b.get(Doors).emulate(stream.secret, here, `${n}`)));
    const outcomes = await Promise.all(posts);
    expect(outcomes.filter((one) => one === 'too_many_requests').length).toBeGreaterThan(0);
    expect(stream.heard).toEqual(outcomes.flatMap((one, n) => (one === 'done' ? [`${n}`] : [])));
  });
});

describe('a backend', () => {
  it('sees channels, processes and sessions of the whole cluster', async () => {
    worlds = await openCluster(3);
    const [a, b, c] = worlds as [World, World, World];
    const anna = await Client.connected(a, 'anna');
    const bo = await Client.connected(b, 'bo');
    for (const client of [anna, bo]) await client.ask('subscribe', { channel: 'chat:news' });
    await anna.ask('subscribe', { channel: 'free:a' });
    const { found, complete } = await c.get(Cluster).channels('*:*');
    expect([Object.fromEntries(found), complete]).toEqual([{ 'chat:news': 2, 'free:a': 1, 'user:anna': 1, 'user:bo': 1 }, true]);
    expect(Object.fromEntries((await c.get(Cluster).channels('chat:*')).found)).toEqual({ 'chat:news': 2 });
    const nodes = (await c.get(Cluster).nodes()).found;
    expect(nodes.map(({ uid, num_clients }) => [uid, num_clients]).toSorted()).toEqual(
      [
        [nodeOf(a), 1],
        [nodeOf(b), 1],
        [nodeOf(c), 0],
      ].toSorted(),
    );
    const { found: sessions } = await c.get(Cluster).sessions('anna');
    expect(sessions).toEqual([expect.objectContaining({ user: 'anna', node: nodeOf(a), transport: 'websocket' })]);
    expect(sessions[0]!.channels.toSorted()).toEqual(['chat:news', 'free:a', 'user:anna']);
  });

  it('ends sessions wherever they are, though signals get lost', async () => {
    worlds = await openCluster(3);
    const [a, b, c] = worlds as [World, World, World];
    const clients = [await Client.connected(a, 'anna'), await Client.connected(b, 'anna'), await Client.connected(b, 'bo')];
    a.bus.delays = disorder(random(11), { lost: 0.4 });
    const ended = (): Promise<string> => errorOf(c.get(Cluster).steer({ do: 'disconnect', user: 'anna', code: 3503, reason: 'force disconnect' }));
    // With so much lost, one time in ten it hears that not everybody has confirmed, and does it again.
    while ((await ended()) === 'outcome_unknown');
    a.bus.delays = quiet;
    expect(clients.map(({ transport }) => transport.closed?.code)).toEqual([3503, 3503, undefined]);
  });

  it('is not told that it is done while a process has not confirmed it', async () => {
    worlds = await openCluster(2, { GATEWAY_NODE_BEAT_MS: '10000' });
    const [a, b] = worlds as [World, World];
    cutOff(b);
    expect(await errorOf(a.get(Cluster).steer({ do: 'disconnect', user: 'anna', code: 3503, reason: 'force disconnect' }))).toBe('outcome_unknown');
  });

  it('subscribes sessions of other processes: from a position, until a time, or says why not', async () => {
    worlds = await openCluster(2);
    const [a, b] = worlds as [World, World];
    for (let n = 0; n < 5; n++) a.log.append('chat:news', { data: `{"n":${n}}` });
    const { epoch } = a.log.open('chat:news');
    const anna = await Client.connected(a, 'anna');
    await b.get(Cluster).steer({ do: 'subscribe', user: 'anna', channel: 'chat:news', recover_since: { epoch, seq: 3 }, expires_at: Date.now() + 1_000 });
    await eventually(() => anna.pushes('pub', 'chat:news').length === 2);
    expect(anna.pushes('subscribe', 'chat:news')[0]).toMatchObject({ recoverable: true, epoch, offset: 3, expires: true });
    expect(anna.pushes('pub', 'chat:news').map(({ offset }) => offset)).toEqual([4, 5]);
    expect(await errorOf(b.get(Cluster).steer({ do: 'subscribe', user: 'anna', channel: 'thread:none' }))).toBe('permission_denied');
    await b.get(Cluster).steer({ do: 'unsubscribe', user: 'anna', channel: 'chat:news' });
    expect(anna.pushes('unsubscribe', 'chat:news')[0]).toMatchObject({ code: 2000 });
  });

  it('subscribes until a time: then the session ends with 3006 and comes back without it', async () => {
    worlds = await openCluster(2, { GATEWAY_EXPIRY_GRACE_MS: '100' });
    const [a, b] = worlds as [World, World];
    const anna = await Client.connected(a, 'anna');
    await b.get(Cluster).steer({ do: 'subscribe', user: 'anna', channel: 'chat:news', expires_at: Date.now() + 300 });
    await eventually(() => anna.transport.closed?.code === 3006, { what: '3006', timeoutMs: 3_000 });
  });
});

describe('a process that goes away', () => {
  it('tells its sessions to move, on every door, and another goes on where each stood', async () => {
    worlds = await openCluster(2, { GATEWAY_DRAIN_MS: '200' });
    const [a, b] = worlds as [World, World];
    a.bus.join('thread:7', 'anna', 'bo');
    const clients = [await Client.connected(a, 'anna'), await Client.connected(a, 'bo', 'sse'), await Client.connected(a, 'anna', 'line')];
    const sent = a.bus.happen('thread:7');
    for (const client of clients) await client.ask('subscribe', { channel: 'thread:7', recover: true });
    await sent;
    await eventually(() => clients.every((client) => client.seqs('thread:7').length === 1));
    const drained = a.get(DrainSessions).drain();
    await a.bus.happen('thread:7');
    await drained;
    await a.bus.happen('thread:7');
    expect(clients.map(({ transport }) => transport.closed?.code)).toEqual([3001, 3001, 3001]);
    expect(clients.slice(1).map((client) => client.documents.at(-1)!.push?.disconnect?.code)).toEqual([3001, 3001]);
    expect(a.get(Sessions).size).toBe(0);
    const { epoch } = a.log.open('thread:7');
    for (const client of clients) {
      const seen = client.seqs('thread:7').at(-1)!;
      const moved = await Client.connected(b, client === clients[1] ? 'bo' : 'anna', client.transport.framing);
      expect((await moved.ask('subscribe', { channel: 'thread:7', recover: true, epoch, offset: seen })).subscribe.recovered).toBe(true);
      await eventually(() => moved.seqs('thread:7').at(-1) === 3);
      expect([...client.seqs('thread:7'), ...moved.seqs('thread:7')]).toEqual([1, 2, 3]);
    }
  });
});
