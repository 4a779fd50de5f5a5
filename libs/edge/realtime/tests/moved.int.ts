import { DISCONNECTS } from '@veche/contracts';
import { eventually } from '@veche/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SessionLimits } from '../src/limits/limits.ts';
import { Sessions } from '../src/session/sessions.ts';
import { Client } from './client.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

const OFFICE = '192.0.2.1';

let world: World;
beforeEach(async () => {
  world = await openWorld({ GATEWAY_RECONNECTS_PER_MINUTE: '10', GATEWAY_CONNECTS_PER_USER: '1' });
});
afterEach(() => world.close());

async function crowd(): Promise<readonly Client[]> {
  const clients = Array.from({ length: 50 }, () => new Client(world, 'websocket', { address: OFFICE }));
  for (const client of clients) client.say(`{"id":1,"connect":{"token":"${tokenOf('anna')}"}}`);
  await eventually(() => world.get(Sessions).countOf('anna') === 50);
  return clients;
}

const admitted = async (): Promise<number> => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => world.get(SessionLimits).handshake(OFFICE)));
  return answers.filter(({ ok }) => ok).length;
};

it.each(['shutdown', 'force_reconnect'] as const)('whoever was told to move (%s) comes back, however many there are behind one address', async (reason) => {
  await crowd();
  for (const session of world.get(Sessions).all()) session.close(DISCONNECTS[reason]);
  expect(await admitted()).toBe(50);
  await crowd();
});

it('whoever goes by himself comes back ten times a minute', async () => {
  for (const client of await crowd()) client.connection.gone();
  expect(await admitted()).toBe(10);
});
