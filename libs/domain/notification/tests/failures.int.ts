import { DeliverNotice, FollowEvent, Notified } from '@veche/contracts';
import { AuthModule } from '@veche/domain-auth';
import { ChatModule } from '@veche/domain-chat';
import { COMMAND_BUS, type CommandBus, REQUEST_BUS, type RequestBus, type WorkUnit } from '@veche/platform-messaging';
import { VecheError } from '@veche/contracts';
import { eventually } from '@veche/testing';
import { afterEach, expect, test } from 'vitest';
import { Round } from '../src/following/round.ts';
import { NotificationModule } from '../src/index.ts';
import { type House, inbox, kindsOf, openHouse, register, say, settled, thread, told } from './house.ts';

const opened: House[] = [];
const open = async (...options: Parameters<typeof openHouse>): Promise<House> => {
  const one = await openHouse(...options);
  opened.push(one);
  return one;
};
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
});

const QUICK = { RPC_RETRY_DELAYS_MS: '20,20,20' };
const dead = (house: House): readonly { readonly unit: WorkUnit; readonly attempts: number; readonly cause: string }[] =>
  (house.adapter as { readonly deadLetters: readonly { unit: WorkUnit; attempts: number; cause: string }[] }).deadLetters;

test('a notice that its owner refuses is work, and in the end a dead letter with its cause', async () => {
  // Nobody here handles commands about notices.
  const house = await open({ env: QUICK, modules: [AuthModule, ChatModule, NotificationModule] });
  const [anna, boris] = [await register(house, 'anna'), await register(house, 'boris')];
  const channel = await thread(house, anna.id, [boris.id]);
  await eventually(() => dead(house).length === 1);
  const [letter] = dead(house);
  expect(letter).toMatchObject({ attempts: 4, unit: { kind: DeliverNotice.kind, class: 'normal', data: { user: boris.id, what: 'added', thread: channel } } });
  expect(letter?.cause).toContain('notification.notify');
  expect(await house.database.query({ text: 'SELECT * FROM notice_due' })).toEqual([]);
});

test('while the bus takes nothing a notice waits, however long, and is given once then', async () => {
  const house = await open({ env: QUICK });
  const [anna, boris] = [await register(house, 'anna'), await register(house, 'boris')];
  const bus = house.get<CommandBus>(COMMAND_BUS);
  const send = bus.send.bind(bus);
  let refused = 0;
  bus.send = (command) =>
    command.channel === inbox(boris.id) && ++refused <= 8
      ? Promise.resolve({ ok: false, error: refused % 2 ? 'unavailable' : 'outcome_unknown', message: '' })
      : send(command);
  await thread(house, anna.id, [boris.id]);
  await told(house, boris.id, 'added');
  expect(refused).toBeGreaterThan(8);
  await settled(house);
  expect(house.events.filter(({ channel, kind }) => channel === inbox(boris.id) && kind === Notified.kind)).toHaveLength(1);
  expect(dead(house)).toEqual([]);
});

test('while nobody says who is mentioned, messages wait; nothing is lost', async () => {
  const house = await open({ env: QUICK });
  const [anna, boris] = [await register(house, 'anna'), await register(house, 'boris')];
  const requests = house.get<RequestBus>(REQUEST_BUS);
  const ask = requests.ask.bind(requests);
  let refused = 0;
  requests.ask = (kind, ...rest) => (kind.startsWith('auth.') && ++refused <= 3 ? Promise.reject(new VecheError('unavailable')) : ask(kind, ...rest));
  const channel = await thread(house, anna.id, [boris.id]);
  await say(house, channel, anna.id, `@${boris.login}`);
  await told(house, boris.id, 'added', 'mention');
  expect(refused).toBeGreaterThan(3);
});

test('an event that cannot be followed is passed over after four attempts, becomes work, and holds up nobody else', async () => {
  const house = await open({ env: QUICK });
  const [anna, boris] = [await register(house, 'anna'), await register(house, 'boris')];
  const round = house.get(Round);
  const understand = Reflect.get(round, 'understand') as (pages: readonly { events: readonly { data: string }[] }[]) => Promise<unknown>;
  Reflect.set(round, 'understand', function (this: Round, pages: readonly { events: readonly { data: string }[] }[]) {
    if (pages.some(({ events }) => events.some(({ data }) => data.includes('poison')))) return Promise.reject(new Error('does not go down'));
    return understand.call(this, pages);
  });
  const [channel, other] = [await thread(house, anna.id, [boris.id]), await thread(house, anna.id, [boris.id])];
  await told(house, boris.id, 'added', 'added');
  await Promise.all([
    (async () => {
      await say(house, channel, anna.id, 'poison');
      await say(house, channel, anna.id, `@${boris.login} behind it`);
    })(),
    say(house, other, anna.id, `@${boris.login} elsewhere`),
  ]);
  await told(house, boris.id, 'added', 'added', 'mention', 'mention');
  await eventually(() => dead(house).length === 1);
  expect(dead(house)[0]).toMatchObject({ attempts: 4, cause: 'does not go down', unit: { kind: FollowEvent.kind, data: { channel, seq: 2 } } });
  await settled(house);
});

test('what was passed over is told when the work succeeds', async () => {
  const house = await open({ env: QUICK });
  const [anna, boris] = [await register(house, 'anna'), await register(house, 'boris')];
  const round = house.get(Round);
  const run = round.run.bind(round);
  round.run = (hints) => (hints.some(({ channel, head }) => channel.startsWith('thread:') && head === 2) ? Promise.reject(new Error('not now')) : run(hints));
  const channel = await thread(house, anna.id, [boris.id]);
  await told(house, boris.id, 'added');
  await say(house, channel, anna.id, `@${boris.login}`);
  await told(house, boris.id, 'added', 'mention');
  expect(await kindsOf(house, anna.id)).toEqual([]);
  expect(dead(house)).toEqual([]);
});
