import { eventually } from '@veche/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Doors } from '../src/doors.ts';
import { FakeTransport } from './world/fake-transport.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- documents of a protocol: each test asserts the shape that it looks at
type Document = Record<string, any>;

let world: World;
beforeEach(async () => {
  world = await openWorld({ GATEWAY_MESSAGES_PER_MINUTE: '100' });
  world.bus.join('thread:7', 'anna', 'bo');
});
afterEach(() => world.close());

class Plain {
  readonly transport = new FakeTransport('websocket', 'plain_websocket');
  readonly connection;

  constructor(token?: string) {
    this.connection = world.get(Doors).openPlain(this.transport, { address: '192.0.2.7', ...(token !== undefined && { token }) });
  }

  say(document: unknown): void {
    this.connection.frame(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)));
  }

  hears(matches: Document): Promise<Document> {
    return eventually(() => this.transport.documents.find((document) => Object.entries(matches).every(([key, value]) => document[key] === value)), {
      what: JSON.stringify(matches),
      timeoutMs: 3_000,
    }) as Promise<Document>;
  }

  static async connected(user = 'anna'): Promise<Plain> {
    const plain = new Plain();
    plain.say({ type: 'connect', token: tokenOf(user) });
    await plain.hears({ type: 'connected' });
    return plain;
  }
}

describe('the plain socket', () => {
  it('takes its token from the handshake, or from the first message', async () => {
    const early = new Plain(tokenOf('anna'));
    expect(await early.hears({ type: 'connected' })).toMatchObject({ user: 'anna' });
    await Plain.connected();
  });

  it('closes whoever does not say who it is first', async () => {
    const plain = new Plain();
    plain.say({ type: 'join', thread: '7' });
    expect((await plain.hears({ type: 'error' })).error).toMatchObject({ code: 101, name: 'unauthorized' });
    expect(plain.transport.closed?.code).toBe(3500);
  });

  it.each([
    ['abc', 3500],
    [tokenOf('anna', {}, -60), 3005],
  ])('refuses a token that is not valid', async (token, code) => {
    const plain = new Plain();
    plain.say({ type: 'connect', token });
    await plain.hears({ type: 'error' });
    await eventually(() => plain.transport.closed?.code === code);
  });

  it('joins, and sees events from then on', async () => {
    const anna = await Plain.connected();
    anna.say({ type: 'join', thread: '7' });
    const { epoch } = world.log.open('thread:7');
    expect(await anna.hears({ type: 'joined' })).toEqual({ type: 'joined', channel: 'thread:7', thread: '7', epoch, seq: 0, recovered: true });
    const event = await world.bus.happen('thread:7');
    expect(await anna.hears({ type: 'event' })).toEqual({
      type: 'event',
      channel: 'thread:7',
      seq: 1,
      id: event.id,
      kind: event.kind,
      actor: 'someone',
      command_id: event.command_id,
      ts: event.ts,
      data: { text: 'hello' },
    });
  });

  it('resumes after a cursor, over thousands of events, in order', async () => {
    for (let n = 0; n < 2_000; n++) world.log.append('thread:7');
    const anna = await Plain.connected();
    anna.say({ type: 'join', thread: '7', after: `${world.log.open('thread:7').epoch}:100` });
    expect(await anna.hears({ type: 'joined' })).toMatchObject({ seq: 100, recovered: true });
    await anna.hears({ type: 'event', seq: 2_000 });
    expect(anna.transport.documents.filter(({ type }) => type === 'event').map(({ seq }) => seq)).toEqual(Array.from({ length: 1_900 }, (_, at) => at + 101));
  });

  it('sends, and is answered with its id and the position', async () => {
    const anna = await Plain.connected();
    anna.say({ type: 'send', id: 5, thread: '7', text: 'hello' });
    expect(await anna.hears({ ack: 5 })).toMatchObject({ type: 'ack', seq: 1, command_id: '5' });
    anna.say({ type: 'send', id: 5, thread: '7', text: 'hello' });
    await eventually(() => anna.transport.documents.filter(({ ack }) => ack === 5).length === 2);
    expect(world.log.open('thread:7').events).toHaveLength(1);
  });

  it('says what is wrong with a request, and goes on', async () => {
    const anna = await Plain.connected();
    const errorOf = async (request: object, id: number): Promise<Document> => {
      anna.say({ ...request, id });
      return (await anna.hears({ type: 'error', id })).error;
    };
    expect(await errorOf({ type: 'dance' }, 1)).toMatchObject({ code: 104 });
    expect(await errorOf({ type: 'send', thread: '7' }, 2)).toMatchObject({ code: 107, details: [{ path: 'text', message: 'is missing' }] });
    expect(await errorOf({ type: 'join' }, 3)).toMatchObject({ code: 107 });
    expect(await errorOf({ type: 'join', thread: '8' }, 4)).toMatchObject({ code: 103 });
    expect(await errorOf({ type: 'join', thread: '7', after: 'x:y' }, 5)).toMatchObject({ code: 107 });
    expect(await errorOf({ type: '__proto__' }, 6)).toMatchObject({ code: 104 });
    anna.say('nonsense');
    await eventually(() => anna.transport.documents.some(({ error, id }: Document) => id === undefined && error?.code === 107));
    anna.say({ type: 'ping', id: 9 });
    await anna.hears({ type: 'pong', id: 9 });
    expect(anna.transport.closed).toBeUndefined();
  });

  it('stops at a hundred messages a minute and says when to go on', async () => {
    const anna = await Plain.connected();
    for (let n = 1; n <= 101; n++) anna.say({ type: 'send', id: n, thread: '7', text: 'x' });
    const { error } = await anna.hears({ type: 'error', id: 101 });
    expect(error).toMatchObject({ code: 111, retryable: true });
    expect(error.retry_after).toBeGreaterThan(50);
    await eventually(() => world.log.open('thread:7').events.length === 100);
  });

  it('keeps the order of pipelined messages', async () => {
    const anna = await Plain.connected();
    for (let n = 1; n <= 50; n++) anna.say({ type: 'send', id: n, thread: '7', text: String(n) });
    await anna.hears({ ack: 50 });
    expect(world.log.open('thread:7').events.map(({ command_id }) => Number(command_id))).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  });

  it('leaves, and reads history', async () => {
    await world.bus.happen('thread:7');
    const anna = await Plain.connected();
    anna.say({ type: 'join', thread: '7' });
    await anna.hears({ type: 'joined' });
    anna.say({ type: 'leave', thread: '7' });
    await anna.hears({ type: 'left' });
    await world.bus.happen('thread:7');
    anna.say({ type: 'history', thread: '7', id: 'h', after: 0 });
    expect((await anna.hears({ type: 'history', id: 'h' })).events.map(({ seq }: Document) => seq)).toEqual([1, 2]);
    expect(anna.transport.documents.some(({ type }) => type === 'event')).toBe(false);
  });
});
