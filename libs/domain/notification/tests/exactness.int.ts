import { MarkRead } from '@veche/contracts';
import { AuthModule } from '@veche/domain-auth';
import { ChatModule } from '@veche/domain-chat';
import { eventually } from '@veche/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Hints } from '../src/following/hints.ts';
import { NoticeChannelModule } from '../src/index.ts';
import { listNotices } from '../src/reading/notice-list.repository.ts';
import { Failpoint, Killed, kit } from './kit.ts';
import { badge, type House, inbox, kindsOf, LAWS, noticesOf, openHouse, register, say, settled, thread, told } from './house.ts';

interface Person {
  readonly id: string;
  readonly login: string;
}

/** Has owners of all channels and nobody who follows: what follows is in the hands of the test. */
let house: House;
let anna: Person;
let boris: Person;
let vera: Person;
const opened: House[] = [];
const open = async (...options: Parameters<typeof openHouse>): Promise<House> => {
  const one = await openHouse(...options);
  opened.push(one);
  return one;
};

beforeAll(async () => {
  house = await openHouse({ env: { NOTIFICATION_ABSENT_AFTER_MS: '0' }, modules: [AuthModule, ChatModule, NoticeChannelModule] });
  [anna, boris, vera] = (await Promise.all(['anna', 'boris', 'vera'].map((name) => register(house, name)))) as [Person, Person, Person];
});
afterAll(() => house.stop());
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
  for (const law of LAWS) expect(await house.database.query({ text: law }), law).toEqual([]);
});

/** Everything that notices know, in one conversation. */
async function conversation(): Promise<string> {
  const channel = await thread(house, anna.id, [boris.id, vera.id]);
  const { id } = await say(house, channel, vera.id, 'hello');
  await say(house, channel, anna.id, `@${boris.login} look`);
  const { seq } = await say(house, channel, anna.id, `and you`, id ?? '');
  await house.done(MarkRead, inbox(boris.id), boris.id, { thread: channel, seq });
  await say(house, channel, anna.id, 'one more');
  return channel;
}

const of = async (channel: string, person: Person): Promise<unknown> =>
  (await listNotices(house.database, person.id, Number.MAX_SAFE_INTEGER, 1000)).notices
    .toReversed()
    .filter((notice) => notice.thread === channel)
    .map(({ kind, thread_seq, read }) => [kind, thread_seq, read]);
const all = async (channel: string): Promise<unknown> => Promise.all([anna, boris, vera].map((person) => of(channel, person)));

/** What a killed process had in hand is taken by another when its lease has run out. */
const leasesEnd = (): Promise<unknown> => house.database.query({ text: 'UPDATE notice_due SET due_at = now()' });

test('a process killed at any step is followed by one that ends where it would have', async () => {
  // Boris has read his mention before anybody could tell him of it; of what came then he is told as absent. Vera was told, and waits.
  const expected = [[], [['absent', 5, false]], [['reply', 4, false]]];
  const whole = new Failpoint();
  const first = await conversation();
  await kit(house, whole).run();
  expect(await all(first)).toEqual(expected);
  expect(whole.passed).toBeGreaterThan(40);
  for (let step = 1; step <= whole.passed; step++) {
    const channel = await conversation();
    await expect(kit(house, new Failpoint(step)).run(), `step ${step}`).rejects.toBeInstanceOf(Killed);
    await leasesEnd();
    await kit(house).run();
    expect(await all(channel), `killed at step ${step}`).toEqual(expected);
  }
  expect(await house.database.query({ text: 'SELECT * FROM notice_due' })).toEqual([]);
}, 120_000);

test('a process killed between two others that go on has no effect either', async () => {
  for (let step = 5; step < 60; step += 3) {
    const channel = await conversation();
    const runs = [kit(house, new Failpoint(step)).run(), kit(house).run(), kit(house).run()];
    await Promise.allSettled(runs);
    await leasesEnd();
    await kit(house).run();
    expect(await all(channel), `killed at step ${step}`).toEqual([[], [['absent', 5, false]], [['reply', 4, false]]]);
  }
}, 60_000);

test('two processes that hear the same hints tell everybody once', async () => {
  const first = await open({ on: house.url });
  const second = await open({ on: house.url });
  const hints = second.get(Hints);
  const relay = setInterval(() => hints.events(first.events.splice(0)), 1);
  try {
    const channel = await thread(first, anna.id, [boris.id, vera.id]);
    await Promise.all(Array.from({ length: 60 }, (_, n) => say(first, channel, anna.id, `@${boris.login} ${n}`)));
    await eventually(async () => (await noticesOf(first, boris.id)).filter((notice) => notice.thread === channel && notice.kind === 'mention').length === 60);
    await settled(first);
    expect((await noticesOf(first, boris.id)).filter((notice) => notice.thread === channel)).toHaveLength(61);
  } finally {
    clearInterval(relay);
  }
});

test('whoever is absent is told once until they have read', async () => {
  const here = await open({ on: house.url, env: { NOTIFICATION_ABSENT_AFTER_MS: '1' } });
  const [reader, writer] = (await Promise.all(['reader', 'writer'].map((name) => register(here, name)))) as [Person, Person];
  const channel = await thread(here, writer.id, [reader.id]);
  await say(here, channel, writer.id, 'one');
  await told(here, reader.id, 'added', 'absent');
  for (const text of ['two', 'three']) await say(here, channel, writer.id, text);
  await settled(here);
  await checked(here, channel);
  expect(await kindsOf(here, reader.id)).toEqual(['added', 'absent']);
  expect(await badge(here, reader.id)).toBe(2);
  const { seq } = await say(here, channel, writer.id, 'four');
  await here.done(MarkRead, inbox(reader.id), reader.id, { thread: channel, seq });
  await eventually(async () => (await badge(here, reader.id)) === 0, { what: 'reading the thread reads its notices' });
  await checked(here, channel);
  expect(await kindsOf(here, reader.id)).toEqual(['added', 'absent']);
  await say(here, channel, writer.id, 'five');
  await told(here, reader.id, 'added', 'absent', 'absent');
  expect(await kindsOf(here, writer.id)).toEqual([]);
});

/** All that was said in the thread was asked about. */
const checked = (here: House, channel: string): Promise<unknown> =>
  eventually(
    async () => (await here.database.query({ text: 'SELECT 1 FROM notice_thread WHERE thread = $1 AND check_at IS NOT NULL', values: [channel] })).length === 0,
    { what: 'all checks are made' },
  );

test('whoever has read in time is not absent', async () => {
  const here = await open({ on: house.url, env: { NOTIFICATION_ABSENT_AFTER_MS: '1500' } });
  const [reader, writer] = (await Promise.all(['reader', 'writer'].map((name) => register(here, name)))) as [Person, Person];
  const channel = await thread(here, writer.id, [reader.id]);
  for (const text of ['one', 'two']) {
    const { seq } = await say(here, channel, writer.id, text);
    await here.done(MarkRead, inbox(reader.id), reader.id, { thread: channel, seq });
  }
  await settled(here);
  await checked(here, channel);
  expect(await kindsOf(here, reader.id)).toEqual(['added']);
});

test('threads with more members than the setting allows give no notices of absence', async () => {
  const here = await open({ on: house.url, env: { NOTIFICATION_ABSENT_AFTER_MS: '1', NOTIFICATION_ABSENT_MAX_MEMBERS: '2' } });
  const channel = await thread(here, anna.id, [boris.id, vera.id]);
  await say(here, channel, anna.id, 'hello');
  await settled(here);
  await checked(here, channel);
  expect((await noticesOf(here, boris.id)).filter((notice) => notice.thread === channel).map(({ kind }) => kind)).toEqual(['added']);
});

test('a lost hint costs at most the interval of the sweep', async () => {
  const here = await open({ on: house.url, env: { NOTIFICATION_SWEEP_INTERVAL_MS: '200' } });
  here.get(Hints).events = () => undefined;
  const [reader, writer] = (await Promise.all(['reader', 'writer'].map((name) => register(here, name)))) as [Person, Person];
  const channel = await thread(here, writer.id, [reader.id]);
  const { seq } = await say(here, channel, writer.id, `@${reader.login}`);
  await told(here, reader.id, 'added', 'mention');
  await here.done(MarkRead, inbox(reader.id), reader.id, { thread: channel, seq });
  await eventually(async () => (await badge(here, reader.id)) === 0);
});

test('a log whose numbering was rewound is read again in silence, and followed from there', async () => {
  const channel = await thread(house, anna.id, [boris.id]);
  await say(house, channel, anna.id, `@${boris.login} before`);
  await kit(house).run();
  await house.database.query({ text: `UPDATE channel SET epoch = 'restored' WHERE name = $1`, values: [channel] });
  const before = await of(channel, boris);
  await kit(house).run();
  expect(await of(channel, boris)).toEqual(before);
  await say(house, channel, anna.id, `@${boris.login} after`);
  await kit(house).run();
  expect(await of(channel, boris)).toEqual([...(before as unknown[]), ['mention', 3, false]]);
});
