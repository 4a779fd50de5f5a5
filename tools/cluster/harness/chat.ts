/** Two people with the unmodified client and a third who only listens by EventSource. */
import { checkHistory, eventually, HistoryRecorder, type Verdict } from '@veche/testing';
import { CentrifugeSubscriber } from '../../../apps/e2e/src/centrifuge-subscriber.ts';
import { EventSourceSubscriber } from '../../../apps/e2e/src/event-source-subscriber.ts';
import { dumpOf } from '../../../apps/e2e/src/log-dump.ts';
import { register } from '../../../apps/e2e/src/people.ts';
import { byRpc, Sender } from '../../../apps/e2e/src/sender.ts';
import { openThread } from './threads.ts';

export const MESSAGES = 20;

/** @returns what the checker says of all they saw */
export async function chat(origin: string, names: string): Promise<Verdict> {
  const history = new HistoryRecorder();
  const [anna, boris] = [await register(origin, `${names}-anna`), await register(origin, `${names}-boris`)];
  const channel = await openThread(origin, anna, [boris], history);
  const clients = [anna, boris].map((person) => new CentrifugeSubscriber(person.login, 'websocket', origin, person.token, [channel], history));
  const screens = [...clients, new EventSourceSubscriber(`${names}-listener`, origin, boris.token, channel, history)];
  await Promise.all(screens.map((screen) => screen.start()));
  const senders = clients.map((client) => new Sender(`sender of ${client.name}`, byRpc(client.client), history));
  for (let at = 0; at < MESSAGES; at++) await senders[at % 2]?.send(channel, `message ${at}`);
  const log = await dumpOf(origin, anna.token, channel);
  await eventually(() => screens.every((screen) => screen.shown(channel) === log.length), { what: 'everybody has seen everything' });
  await Promise.all(screens.map((screen) => screen.stop()));
  return checkHistory({ entries: history.entries, log });
}
