import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@veche/testing';
import { Client } from './client.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

describe('connect', () => {
  it('answers with a client id, pings, expiry and the inbox', async () => {
    const client = new Client(world);
    const { connect } = await client.ask('connect', { token: tokenOf('anna') });
    expect(connect).toMatchObject({ ping: 25, pong: true, expires: true, subs: { 'user:anna': { recoverable: true, positioned: true } } });
    expect(connect.ttl).toBeGreaterThan(3_500);
    expect(connect.client).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('holds what comes in the same frame until the token is looked at', async () => {
    world.bus.join('thread:7', 'anna');
    const client = new Client(world);
    client.say(`{"id":1,"connect":{"token":"${tokenOf('anna')}"}}\n{"id":2,"subscribe":{"channel":"thread:7"}}`);
    expect((await client.reply(2)).subscribe).toMatchObject({ recoverable: true, positioned: true });
    expect(client.documents[0]!.id).toBe(1);
  });

  it.each([
    ['a subscribe before connect', '{"id":1,"subscribe":{"channel":"chat:a"}}', 3501],
    ['an empty frame', '', 3501],
    ['broken JSON', '{"id":', 3501],
    ['a command without an id', '{"connect":{}}', 3501],
    ['an unknown command', '{"id":1,"dance":{}}', 3501],
    ['a token that is not one', '{"id":1,"connect":{"token":"abc"}}', 3500],
    ['a token that is no string', '{"id":1,"connect":{"token":5}}', 3501],
    ['nesting beyond the bound', `{"id":1,"connect":{"data":${'['.repeat(40)}${']'.repeat(40)}}}`, 3501],
  ])('closes on %s', async (_what, frame, code) => {
    const client = new Client(world);
    client.say(frame);
    await eventually(() => client.transport.closed?.code === code, { what: `close ${code}` });
  });

  it('asks for a new token when it has expired', async () => {
    const client = new Client(world);
    const { error } = await client.ask('connect', { token: tokenOf('anna', {}, -60) });
    expect(error).toMatchObject({ code: 109 });
  });

  it('refuses a session without a token', async () => {
    expect((await new Client(world).ask('connect', {})).error).toMatchObject({ code: 101 });
  });
});

describe('subscribe', () => {
  beforeEach(() => world.bus.join('thread:7', 'anna', 'bo'));

  it('refuses a stranger with 103 and a second subscription with 105', async () => {
    const eve = await Client.connected(world, 'eve');
    expect((await eve.ask('subscribe', { channel: 'thread:7' })).error.code).toBe(103);
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7' });
    expect((await anna.ask('subscribe', { channel: 'thread:7' })).error.code).toBe(105);
  });

  it('refuses an unknown namespace with 102 and a name outside the grammar with 107', async () => {
    const anna = await Client.connected(world, 'anna');
    expect((await anna.ask('subscribe', { channel: 'nowhere:1' })).error.code).toBe(102);
    expect((await anna.ask('subscribe', { channel: 'a b' })).error.code).toBe(107);
  });

  it("refuses another user's inbox", async () => {
    const anna = await Client.connected(world, 'anna');
    expect((await anna.ask('subscribe', { channel: 'user:bo' })).error.code).toBe(103);
  });

  it('delivers events in the form of the protocol', async () => {
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7' });
    const event = await world.bus.happen('thread:7', { actor: 'bo "the" b', data: '{"text":"ä\u2028"}' });
    await eventually(() => anna.pushes('pub', 'thread:7').length === 1);
    const { meta: _meta, epoch: _epoch, ...shown } = event;
    expect(anna.pushes('pub', 'thread:7')[0]).toEqual({ data: { ...shown, data: JSON.parse(event.data) }, offset: 1 });
  });

  it('recovers what was missed and goes on without a gap', async () => {
    for (let n = 0; n < 5; n++) world.log.append('thread:7');
    const { epoch } = world.log.open('thread:7');
    const anna = await Client.connected(world, 'anna');
    const { subscribe } = await anna.ask('subscribe', { channel: 'thread:7', recover: true, epoch, offset: 2 });
    expect(subscribe).toMatchObject({ recovered: true, was_recovering: true, offset: 2, epoch });
    await world.bus.happen('thread:7');
    await eventually(() => anna.seqs('thread:7').length === 4);
    expect(anna.seqs('thread:7')).toEqual([3, 4, 5, 6]);
  });

  it('says so when the position is of another epoch, beyond the top, or trimmed', async () => {
    for (let n = 0; n < 5; n++) world.log.append('thread:7');
    const { epoch } = world.log.open('thread:7');
    const anna = await Client.connected(world, 'anna');
    const lost = async (params: object): Promise<unknown> => {
      const { subscribe } = await anna.ask('subscribe', { channel: 'thread:7', recover: true, ...params });
      await anna.ask('unsubscribe', { channel: 'thread:7' });
      return subscribe;
    };
    const expected = { recoverable: true, positioned: true, epoch, offset: 5, was_recovering: true };
    expect(await lost({ epoch: 'zz', offset: 2 })).toEqual(expected);
    expect(await lost({ epoch, offset: 9 })).toEqual(expected);
    expect(await lost({ epoch, offset: 2 ** 64 })).toEqual(expected);
    world.log.trim('thread:7', 4);
    expect(await lost({ epoch, offset: 2 })).toEqual(expected);
    expect((await anna.ask('subscribe', { channel: 'thread:7', recover: true, epoch: 'zz', offset: 2, flag: 2 })).error.code).toBe(112);
  });

  it('brings a client over a gap of thousands in pages while new events keep coming', async () => {
    for (let n = 0; n < 5_000; n++) world.log.append('thread:7');
    const anna = await Client.connected(world, 'anna');
    const reply = anna.ask('subscribe', { channel: 'thread:7', recover: true, offset: 10 });
    for (let n = 0; n < 50; n++) {
      await world.bus.happen('thread:7');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await reply).subscribe).toMatchObject({ recovered: true, offset: 10 });
    await eventually(() => anna.seqs('thread:7').at(-1) === 5_050, { what: 'the last event' });
    expect(anna.seqs('thread:7')).toEqual(Array.from({ length: 5_040 }, (_, at) => at + 11));
  });

  it('answers a subscribe and an unsubscribe of one channel in the order they were sent', async () => {
    const anna = await Client.connected(world, 'anna');
    anna.say('{"id":10,"subscribe":{"channel":"thread:7"}}\n{"id":11,"unsubscribe":{"channel":"thread:7"}}\n{"id":12,"subscribe":{"channel":"thread:7"}}');
    await anna.reply(12);
    expect(anna.documents.slice(1).map(({ id, error }) => [id, error])).toEqual([
      [10, undefined],
      [11, undefined],
      [12, undefined],
    ]);
  });

  it('cuts whoever is removed, after the removal and before anything later', async () => {
    const anna = await Client.connected(world, 'anna');
    const bo = await Client.connected(world, 'bo');
    for (const one of [anna, bo]) await one.ask('subscribe', { channel: 'thread:7' });
    world.bus.members.get('thread:7')!.delete('bo');
    await world.bus.happen('thread:7', { kind: 'chat.member-removed.v1', data: '{"user":"bo"}' });
    await world.bus.happen('thread:7');
    await eventually(() => anna.seqs('thread:7').length === 2);
    expect(bo.pushes('unsubscribe', 'thread:7')).toEqual([{ code: 2000, reason: 'server unsubscribe' }]);
    expect(bo.seqs('thread:7')).toEqual([1]);
    expect((await bo.ask('subscribe', { channel: 'thread:7' })).error.code).toBe(103);
  });

  it('does not let in whom the owner had granted just before the removal', async () => {
    const bo = await Client.connected(world, 'bo');
    const asked = Promise.withResolvers<void>();
    world.bus.gate = asked.promise;
    const reply = bo.ask('subscribe', { channel: 'thread:7' });
    await eventually(() => world.bus.questions.some(({ kind }) => kind === 'chat.authorize-channel.v1'));
    // The owner's answer is on its way when the membership ends.
    world.bus.members.get('thread:7')!.delete('bo');
    await world.bus.happen('thread:7', { kind: 'chat.member-removed.v1', data: '{"user":"bo"}' });
    asked.resolve();
    expect((await reply).error?.code).toBe(103);
  });
});

describe('a token', () => {
  it('subscribes its session to the application channels that it names', async () => {
    const client = new Client(world);
    const { connect } = await client.ask('connect', { token: tokenOf('anna', { channels: ['chat:news'] }) });
    expect(connect.subs).toMatchObject({ 'chat:news': { recoverable: true } });
    await world.bus.happen('chat:news', { data: '{"n":1}' });
    await eventually(() => client.pushes('pub', 'chat:news').length === 1);
  });

  it('is no way into a thread whose member its user is not', async () => {
    world.bus.join('thread:7', 'bo');
    const client = new Client(world);
    expect((await client.ask('connect', { token: tokenOf('anna', { channels: ['thread:7'] }) })).error).toMatchObject({ code: 103 });
  });

  it('for a subscription lets into a channel that needs one, until it ends', async () => {
    await world.close();
    world = await openWorld({ GATEWAY_EXPIRY_GRACE_MS: '100' });
    const anna = await Client.connected(world, 'anna');
    expect((await anna.ask('subscribe', { channel: 'secret:a' })).error.code).toBe(103);
    const { subscribe } = await anna.ask('subscribe', { channel: 'secret:a', token: tokenOf('anna', { channel: 'secret:a' }, 2) });
    expect(subscribe).toMatchObject({ expires: true });
    expect((await anna.ask('sub_refresh', { channel: 'secret:a', token: tokenOf('anna', { channel: 'secret:a' }, 3) })).sub_refresh).toMatchObject({
      expires: true,
    });
    await eventually(() => anna.pushes('unsubscribe', 'secret:a').length === 1, { timeoutMs: 5_000 });
    expect(anna.pushes('unsubscribe', 'secret:a')[0]).toMatchObject({ code: 2501 });
    expect(anna.transport.closed).toBeUndefined();
  });
});

describe('the fan-out', () => {
  beforeEach(() => world.bus.join('thread:7', 'anna'));

  it('may lose, repeat and reorder: the subscriber still sees 1, 2, 3', async () => {
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7' });
    let state = 7;
    const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
    const late: Parameters<typeof world.bus.fate>[0][] = [];
    world.bus.fate = (event) => {
      const dice = random();
      if (dice < 0.2) return [];
      if (dice < 0.4) return [event, event];
      if (dice < 0.6) {
        late.push(event);
        return [];
      }
      return [event, ...late.splice(0).toReversed()];
    };
    for (let n = 0; n < 200; n++) await world.bus.happen('thread:7');
    world.bus.fate = (event) => [event];
    await world.bus.happen('thread:7');
    await eventually(() => anna.seqs('thread:7').at(-1) === 201);
    expect(anna.seqs('thread:7')).toEqual(Array.from({ length: 201 }, (_, at) => at + 1));
  });

  it('loses the last event: the position check finds it', async () => {
    await world.close();
    world = await openWorld({ GATEWAY_POSITION_CHECK_MS: '200' });
    world.bus.join('thread:7', 'anna');
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7' });
    world.log.append('thread:7');
    await eventually(() => anna.seqs('thread:7').length === 1, { timeoutMs: 2_000 });
  });

  it('is interrupted: everything missed arrives at once', async () => {
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7' });
    for (let n = 0; n < 3; n++) world.log.append('thread:7');
    world.bus.interrupt();
    await eventually(() => anna.seqs('thread:7').length === 3, { timeoutMs: 1_000 });
  });

  it('has a gap while the log cannot be read: nobody is sent away, however long it lasts', async () => {
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7' });
    world.log.failing = true;
    world.log.append('thread:7');
    const before = world.log.reads;
    await world.bus.happen('thread:7');
    // Later than a gap of a log that answers may last.
    await eventually(() => world.log.reads >= before + 10, { timeoutMs: 8_000 });
    world.log.failing = false;
    await eventually(() => anna.seqs('thread:7').length === 2);
    expect(anna.seqs('thread:7')).toEqual([1, 2]);
    expect(anna.pushes('unsubscribe', 'thread:7')).toEqual([]);
  });

  it('brings an event while the position is being read: it is not missed', async () => {
    const anna = await Client.connected(world, 'anna');
    const gate = Promise.withResolvers<void>();
    world.log.gate = gate.promise;
    const before = world.log.positionQueries;
    const reply = anna.ask('subscribe', { channel: 'thread:7' });
    await eventually(() => world.log.positionQueries > before);
    await world.bus.happen('thread:7');
    gate.resolve();
    const { subscribe } = await reply;
    // Either the answer stands behind it already, or it follows: at once, not with the next position check.
    await eventually(() => (subscribe.offset ?? 0) + anna.seqs('thread:7').length === 1, { timeoutMs: 1_000 });
  });

  it('brings another epoch: clients are told that their position is lost', async () => {
    const anna = await Client.connected(world, 'anna');
    await anna.ask('subscribe', { channel: 'thread:7' });
    await world.bus.happen('thread:7');
    world.log.rewind('thread:7', 0);
    await world.bus.happen('thread:7');
    await eventually(() => anna.pushes('unsubscribe', 'thread:7').length === 1);
    expect(anna.pushes('unsubscribe', 'thread:7')[0]).toMatchObject({ code: 2500 });
    expect((await anna.ask('subscribe', { channel: 'thread:7', recover: true, epoch: 'old', offset: 1 })).subscribe.recovered).toBeUndefined();
  });

  it('loses the position of an inbox: the session is closed with 3010', async () => {
    const anna = await Client.connected(world, 'anna');
    await world.bus.happen('user:anna');
    await eventually(() => anna.seqs('user:anna').length === 1);
    world.log.rewind('user:anna', 0);
    await world.bus.happen('user:anna');
    await eventually(() => anna.transport.closed?.code === 3010);
  });
});
