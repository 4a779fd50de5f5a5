import {
  AddMember,
  ClearThread,
  GetPreferences,
  ListNotices,
  MarkRead,
  MuteThread,
  Notified,
  NOTIFIER,
  Notify,
  ReadAllNotices,
  ReadNotice,
  SetPreferences,
  VecheError,
} from '@veche/contracts';
import { eventually } from '@veche/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { badge, type House, inbox, kindsOf, LAWS, noticesOf, openHouse, register, say, settled, thread, told } from './house.ts';

let house: House;
let anna: string;
let boris: string;
let borisLogin: string;
let vera: string;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());
afterEach(async () => {
  await settled(house);
  for (const law of LAWS) expect(await house.database.query({ text: law }), law).toEqual([]);
});

/** People of their own for each test. */
async function people(): Promise<void> {
  const [a, b, v] = await Promise.all(['anna', 'boris', 'vera'].map((name) => register(house, name)));
  [anna, boris, borisLogin, vera] = [a!.id, b!.id, b!.login, v!.id];
}

test('a member who is added, mentioned or answered is told, nobody else is', async () => {
  await people();
  const channel = await thread(house, anna, [boris, vera]);
  const first = await say(house, channel, boris, 'Where shall we go?');
  await say(house, channel, anna, `Ask @${borisLogin}, he knows.`);
  await say(house, channel, anna, 'To the sea', first.id ?? '');
  await told(house, boris, 'added', 'mention', 'reply');
  await settled(house);
  expect(await kindsOf(house, vera)).toEqual(['added']);
  expect(await kindsOf(house, anna)).toEqual([]);
  // What he wrote after he was added says that he knows of it.
  expect(await badge(house, boris)).toBe(2);
  const [added, mention, reply] = await noticesOf(house, boris);
  expect(added).toMatchObject({ thread: channel, thread_seq: 1, by: anna, read: true });
  expect(added).not.toHaveProperty('message_id');
  expect(mention).toMatchObject({ thread: channel, thread_seq: 3, by: anna });
  expect(reply).toMatchObject({ thread_seq: 4 });
});

test('a notice is an event of the inbox, and its badge the exact one', async () => {
  await people();
  const channel = await thread(house, anna, [boris]);
  await told(house, boris, 'added');
  const live = house.events
    .filter(({ channel: name }) => name === inbox(boris))
    .map(({ kind, actor, data }) => ({ event: kind, actor, ...(JSON.parse(data) as object) }));
  expect(live).toEqual([{ event: Notified.kind, kind: 'added', actor: NOTIFIER, thread: channel, thread_seq: 1, by: anna, unread: 1 }]);
});

test('one message gives one notice: a mention goes before a reply', async () => {
  await people();
  const channel = await thread(house, anna, [boris]);
  const { id } = await say(house, channel, boris, 'hello');
  await say(house, channel, anna, `@${borisLogin} hello`, id ?? '');
  await told(house, boris, 'added', 'mention');
});

test('nobody is told of what they write themselves', async () => {
  await people();
  const channel = await thread(house, boris, [anna]);
  const { id } = await say(house, channel, boris, `I am @${borisLogin}`);
  await say(house, channel, boris, 'and answer myself', id ?? '');
  await settled(house);
  expect(await kindsOf(house, boris)).toEqual([]);
});

test('a stranger who is mentioned learns nothing, and learns of what is said after they were added', async () => {
  await people();
  const channel = await thread(house, anna, []);
  await say(house, channel, anna, `@${borisLogin} is not here`);
  await house.done(AddMember, channel, anna, { user: boris });
  await say(house, channel, anna, `@${borisLogin} is here`);
  await told(house, boris, 'added', 'mention');
});

test('who reads the thread has read its notices, who writes in it too', async () => {
  await people();
  const channel = await thread(house, anna, [boris, vera]);
  const { seq } = await say(house, channel, anna, `@${borisLogin}!`);
  await told(house, boris, 'added', 'mention');
  await house.done(MarkRead, inbox(boris), boris, { thread: channel, seq });
  await eventually(async () => (await badge(house, boris)) === 0, { what: 'the badge of who reads is 0' });
  expect((await noticesOf(house, boris)).every(({ read }) => read)).toBe(true);
  await told(house, vera, 'added');
  await say(house, channel, vera, 'I write');
  await eventually(async () => (await badge(house, vera)) === 0, { what: 'the badge of who writes is 0' });
});

test('a message that was read before it was followed notifies nobody', async () => {
  await people();
  const channel = await thread(house, anna, [boris]);
  await told(house, boris, 'added');
  await house.send(Notify, inbox(boris), NOTIFIER, { kind: 'mention', thread: channel, thread_seq: 7, by: anna });
  await house.done(ClearThread, inbox(boris), NOTIFIER, { thread: channel, thread_seq: 7 });
  await house.database.query({ text: 'UPDATE notice_member SET read_seq = 9 WHERE thread = $1 AND user_id = $2', values: [channel, boris] });
  expect(await house.send(Notify, inbox(boris), NOTIFIER, { kind: 'mention', thread: channel, thread_seq: 8, by: anna })).toMatchObject({ ok: true, id: null });
});

test('one notice is read, then all up to a position, then all: the badge is exact at each step', async () => {
  await people();
  const channel = await thread(house, anna, [boris]);
  for (let n = 0; n < 5; n++) await say(house, channel, anna, `@${borisLogin} ${n}`);
  await told(house, boris, 'added', ...Array.from({ length: 5 }, () => 'mention'));
  const notices = await noticesOf(house, boris);
  const read = (notice_id: string) => house.send(ReadNotice, inbox(boris), boris, { notice_id });
  expect(await Promise.all([read(notices[1]!.id), read(notices[1]!.id), read(notices[2]!.id)])).toMatchObject([
    { ok: true },
    { ok: true, id: null },
    { ok: true },
  ]);
  expect(await badge(house, boris)).toBe(4);
  const all = (through?: number) => house.done(ReadAllNotices, inbox(boris), boris, through === undefined ? {} : { through });
  await Promise.all([all(notices[3]!.seq), all(notices[2]!.seq), all(notices[4]!.seq)]);
  expect(await badge(house, boris)).toBe(1);
  await Promise.all([all(), all()]);
  expect(await badge(house, boris)).toBe(0);
  expect(await all()).toMatchObject({ id: null });
  await say(house, channel, anna, `@${borisLogin} again`);
  await eventually(async () => (await badge(house, boris)) === 1, { what: 'the next notice is unread' });
});

test('all means all there are: what comes later is unread, whatever position was given', async () => {
  await people();
  const channel = await thread(house, anna, [boris]);
  await told(house, boris, 'added');
  await house.done(ReadAllNotices, inbox(boris), boris, { through: Number.MAX_SAFE_INTEGER });
  await say(house, channel, anna, `@${borisLogin}`);
  await eventually(async () => (await badge(house, boris)) === 1);
});

test('kinds that are off and threads that are muted give no notice, from the answer on', async () => {
  await people();
  const channel = await thread(house, anna, [boris]);
  const { id } = await say(house, channel, boris, 'hello');
  await told(house, boris, 'added');
  await house.done(SetPreferences, inbox(boris), boris, { mention: false });
  await say(house, channel, anna, `@${borisLogin} off`);
  await say(house, channel, anna, `@${borisLogin} but an answer`, id ?? '');
  await told(house, boris, 'added', 'reply');
  await house.done(MuteThread, inbox(boris), boris, { thread: channel });
  await say(house, channel, anna, 'muted', id ?? '');
  await settled(house);
  expect(await house.ask(GetPreferences, { user: boris })).toEqual({ mention: false, reply: true, added: true, absent: true, muted: [channel] });
  await house.done(MuteThread, inbox(boris), boris, { thread: channel, muted: false });
  await say(house, channel, anna, 'not muted', id ?? '');
  await told(house, boris, 'added', 'reply', 'reply');
  expect(await house.send(SetPreferences, inbox(boris), boris, { mention: false })).toMatchObject({ ok: true, id: null });
});

test('the list is paged without a gap while new notices come', async () => {
  await people();
  const channel = await thread(house, anna, [boris]);
  for (let n = 0; n < 7; n++) await say(house, channel, anna, `@${borisLogin} ${n}`);
  await told(house, boris, 'added', ...Array.from({ length: 7 }, () => 'mention'));
  const first = await house.ask(ListNotices, { user: boris, limit: 3 });
  await say(house, channel, anna, `@${borisLogin} in between`);
  const seqs = first.notices.map(({ seq }) => seq);
  for (let { next } = first; next !== null;) {
    const page = await house.ask(ListNotices, { user: boris, limit: 3, after: next });
    seqs.push(...page.notices.map(({ seq }) => seq));
    ({ next } = page);
  }
  expect(seqs).toHaveLength(8);
  expect(seqs).toEqual(seqs.toSorted((a, b) => b - a));
  await expect(house.ask(ListNotices, { user: boris, after: 'x' })).rejects.toMatchObject({ error: 'bad_request' } satisfies Partial<VecheError>);
});

test('nobody touches the inbox of somebody else, and nobody but the service gives notices', async () => {
  await people();
  await thread(house, anna, [boris]);
  await told(house, boris, 'added');
  const [notice] = await noticesOf(house, boris);
  const refusal = (error: string): object => ({ ok: false, error });
  expect(await house.send(ReadNotice, inbox(boris), anna, { notice_id: notice!.id })).toMatchObject(refusal('permission_denied'));
  expect(await house.send(ReadNotice, inbox(anna), anna, { notice_id: notice!.id })).toMatchObject(refusal('not_found'));
  expect(await house.send(ReadAllNotices, inbox(boris), anna, {})).toMatchObject(refusal('permission_denied'));
  expect(await house.send(MuteThread, inbox(boris), anna, { thread: 'thread:x' })).toMatchObject(refusal('permission_denied'));
  expect(await house.send(SetPreferences, inbox(boris), anna, { mention: false })).toMatchObject(refusal('permission_denied'));
  expect(await house.send(Notify, inbox(boris), boris, { kind: 'mention', thread: 'thread:x', thread_seq: 1, by: 'x' })).toMatchObject(
    refusal('permission_denied'),
  );
  expect(await house.send(ClearThread, inbox(boris), boris, { thread: 'thread:x', thread_seq: 1 })).toMatchObject(refusal('permission_denied'));
  expect(await badge(house, boris)).toBe(1);
});

test('as many threads as the setting allows are muted', async () => {
  const other = await openHouse({ env: { NOTIFICATION_MAX_MUTED: '2' }, on: house.url });
  await people();
  const mute = (name: string, muted = true) => other.send(MuteThread, inbox(boris), boris, { thread: `thread:${name}`, muted });
  expect(await Promise.all([mute('a'), mute('b'), mute('c'), mute('a', false), mute('c')])).toMatchObject([
    { ok: true },
    { ok: true },
    { ok: false, error: 'limit_exceeded' },
    { ok: true },
    { ok: true },
  ]);
  expect((await other.ask(GetPreferences, { user: boris })).muted).toEqual(['thread:b', 'thread:c']);
  await other.stop();
});
