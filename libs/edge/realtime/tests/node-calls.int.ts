import { CarryUplink, DescribeNode, ListChannels, NODE_ANSWER, NODE_QUESTION, NODES_CHANNEL, nodeChannel, SteerSessions } from '@veche/contracts';
import { eventually } from '@veche/testing';
import { array, assert, asyncProperty, constantFrom, integer, nat } from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Cluster } from '../src/cluster/cluster.ts';
import { Doors } from '../src/doors.ts';
import { CallServer, Membership, NodeCalls } from '../src/node/index.ts';
import { cutOff, disorder, errorOf, here, nodeOf, openCluster, openStream, QUICK, quiet, random } from './cluster.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

let worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

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
