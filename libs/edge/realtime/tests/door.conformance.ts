/**
 * What every door of the Centrifugo protocol must do, whatever carries its bytes. A door runs it in a few lines:
 * `doorConformance('websocket', { open: … })` with a real server over the fakes of ./world.
 */
import { DISCONNECTS, MAX_MESSAGE_BYTES } from '@veche/contracts';
import { eventually } from '@veche/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Channels } from '../src/hub/channels.ts';
import { Sessions } from '../src/session/sessions.ts';
import { DrainSessions } from '../src/control/drain.ts';
import type { FakeBus } from './world/fake-bus.ts';
import type { FakeLog } from './world/fake-log.ts';
import { tokenOf } from './world/tokens.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- documents of a protocol: each test asserts the shape that it looks at
export type Document = Record<string, any>;

/** A running server with the door under test. */
export interface DoorServer {
  readonly log: FakeLog;
  readonly bus: FakeBus;
  get<T>(token: abstract new (...args: never[]) => T): T;
  close(): Promise<void>;
}

/** A client of the door; it answers pings. */
export interface DoorClient {
  /** Everything received, pings left out. */
  readonly documents: readonly Document[];
  /** Sends one message: commands joined by newlines. Resolves with the HTTP status of an uplink, 0 where there is none. */
  say(text: string): Promise<number>;
  /** The code of the close frame, or of the `disconnect` push of a stream that has ended; undefined while it is open. */
  readonly ended: number | undefined;
  /** Goes away without a word. */
  cut(): void;
  /** Stops reading. */
  stall(): void;
}

export interface Door {
  start(env?: Record<string, string>): Promise<DoorServer>;
  /** Opens with this connect command. */
  open(server: DoorServer, connect: string): Promise<DoorClient>;
}

export function doorConformance(name: string, door: Door): void {
  describe(`the ${name} door`, () => {
    let server: DoorServer;
    beforeEach(async () => {
      server = await door.start();
      server.bus.join('thread:7', 'anna', 'bo');
    });
    afterEach(() => server.close());

    const open = async (user: string): Promise<DoorClient> => {
      const client = await door.open(server, JSON.stringify({ id: 1, connect: { token: tokenOf(user) } }));
      await hears(client, ({ id }) => id === 1);
      return client;
    };
    const subscribed = async (user: string, params: object = {}): Promise<DoorClient> => {
      const client = await open(user);
      await client.say(JSON.stringify({ id: 2, subscribe: { channel: 'thread:7', ...params } }));
      await hears(client, ({ id }) => id === 2);
      return client;
    };

    it('connects, subscribes and delivers what is appended, as it was appended', async () => {
      const anna = await subscribed('anna');
      const text = 'ä 😀 "\\ \u2028 \u0001';
      await server.bus.happen('thread:7', { data: JSON.stringify({ text }) });
      await eventually(() => seqs(anna).length === 1);
      expect(pubs(anna)[0]).toMatchObject({ offset: 1, data: { channel: 'thread:7', seq: 1, data: { text } } });
    });

    it('resumes after a cut, over more than a page, without a gap or a repeat', async () => {
      const first = await subscribed('anna');
      await server.bus.happen('thread:7');
      await eventually(() => seqs(first).length === 1);
      first.cut();
      for (let n = 0; n < 1_000; n++) server.log.append('thread:7');
      const { epoch } = server.log.open('thread:7');
      const second = await subscribed('anna', { recover: true, epoch, offset: 1 });
      await server.bus.happen('thread:7');
      await eventually(() => seqs(second).at(-1) === 1_002, { what: 'the last event' });
      expect(seqs(second)).toEqual(Array.from({ length: 1_001 }, (_, at) => at + 2));
    });

    it('shows events in order and once, although the fan-out loses, repeats and swaps them', async () => {
      const anna = await subscribed('anna');
      const held: Parameters<FakeBus['fate']>[0][] = [];
      server.bus.fate = (event) => {
        if (event.seq % 7 === 0) return [];
        if (event.seq % 5 === 0) held.push(event);
        return event.seq % 5 === 0 ? [] : [event, ...held.splice(0), event];
      };
      for (let n = 0; n < 100; n++) await server.bus.happen('thread:7');
      server.bus.fate = (event) => [event];
      await server.bus.happen('thread:7');
      await eventually(() => seqs(anna).at(-1) === 101);
      expect(seqs(anna)).toEqual(Array.from({ length: 101 }, (_, at) => at + 1));
    });

    it('answers several commands of one message, each once', async () => {
      const anna = await open('anna');
      await anna.say('{"id":10,"presence_stats":{"channel":"free:a"}}\n{"id":11,"unsubscribe":{"channel":"free:a"}}\n{"id":12,"rpc":{"method":"no.such"}}');
      await hears(anna, ({ id }) => id === 12);
      await hears(anna, ({ id }) => id === 10);
      expect(
        anna.documents
          .filter(({ id }) => id >= 10)
          .map(({ id }) => id as number)
          .toSorted(),
      ).toEqual([10, 11, 12]);
    });

    it.each([
      ['broken JSON', '{"id":', DISCONNECTS.bad_request.code],
      ['an unknown command', '{"id":5,"dance":{}}', DISCONNECTS.bad_request.code],
      ['a message that needs no answer and gets none', '{"send":{"data":1}}', DISCONNECTS.not_available.code],
    ])('ends a session that sends %s', async (_what, message, code) => {
      const anna = await open('anna');
      await anna.say(message);
      await eventually(() => anna.ended === code, { what: `an end with ${code}` });
    });

    it('refuses a token that is not valid, and asks for a new one when it has expired', async () => {
      const forged = await door.open(server, '{"id":1,"connect":{"token":"a.b.c"}}');
      await eventually(() => forged.ended === DISCONNECTS.invalid_token.code);
      const late = await door.open(server, JSON.stringify({ id: 1, connect: { token: tokenOf('anna', {}, -60) } }));
      expect((await hears(late, ({ id }) => id === 1)).error).toMatchObject({ code: 109 });
    });

    it('takes a message of the greatest size', async () => {
      const anna = await open('anna');
      const empty = '{"id":3,"publish":{"channel":"free:a","data":""}}';
      await anna.say(empty.replace('""', `"${'x'.repeat(MAX_MESSAGE_BYTES - empty.length)}"`));
      expect(await hears(anna, ({ id }) => id === 3)).toEqual({ id: 3, publish: {} });
    });

    it('leaves nothing behind when its peer goes', async () => {
      const anna = await subscribed('anna');
      anna.cut();
      await eventually(() => server.get(Sessions).size === 0 && server.get(Channels).size === 0);
    });

    it('tells its sessions to move when the process stops', async () => {
      const anna = await open('anna');
      await server.get(DrainSessions).drain();
      await eventually(() => anna.ended === DISCONNECTS.shutdown.code);
    });

    it('closes a client that never reads, while its neighbour hears everything', async () => {
      const bo = await subscribed('bo');
      const anna = await subscribed('anna');
      anna.stall();
      const data = JSON.stringify('x'.repeat(60_000));
      for (let n = 1; n <= 400; n++) {
        await server.bus.happen('thread:7', { data });
        // Paced by the neighbour: a burst would be the fault of the test.
        if (n % 4 === 0) await eventually(() => seqs(bo).length > n - 8);
      }
      await eventually(() => seqs(bo).length === 400);
      await eventually(() => server.get(Sessions).size === 1, { what: 'only the neighbour is left' });
    });
  });
}

const pubs = (client: DoorClient): Document[] =>
  client.documents.flatMap(({ push }) => (push?.channel === 'thread:7' && push.pub ? [push.pub as Document] : []));

/** In the order they came: of the reply's publications and of the pushes. */
const seqs = (client: DoorClient): number[] =>
  client.documents.flatMap(({ subscribe, push }) => {
    if (subscribe?.publications) return (subscribe.publications as Document[]).map(({ offset }) => offset as number);
    return push?.channel === 'thread:7' && push.pub ? [push.pub.offset as number] : [];
  });

const hears = (client: DoorClient, matches: (document: Document) => boolean): Promise<Document> =>
  eventually(() => client.documents.find(matches), { what: String(matches), timeoutMs: 5_000 }) as Promise<Document>;
