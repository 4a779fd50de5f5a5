/** Several processes of the edge over one log and one bus that loses, repeats and swaps signals. */
import type { Signal } from '@veche/contracts';
import { eventually } from '@veche/testing';
import { Membership } from '../src/node/index.ts';
import { ServerId } from '../src/server-id.ts';
import { Sessions } from '../src/session/sessions.ts';
import type { Session } from '../src/session/session.ts';
import { Client } from './client.ts';
import { tokenOf } from './world/tokens.ts';
import { openWorld, type World } from './world/world.ts';

/** For tests of who is gone; elsewhere signals that are lost on purpose must not make anybody seem so. */
export const QUICK = { GATEWAY_NODE_BEAT_MS: '100' };

/** Processes that know each other. */
export async function openCluster(size: number, env: Record<string, string> = {}): Promise<World[]> {
  const first = await openWorld({ GATEWAY_NODE_BEAT_MS: '2000', GATEWAY_SERVER_ID: 'gw-0', ...env });
  const worlds = [first];
  for (let n = 1; n < size; n++) worlds.push(await openWorld({ GATEWAY_NODE_BEAT_MS: '2000', GATEWAY_SERVER_ID: `gw-${n}`, ...env }, first));
  await eventually(() => worlds.every((world) => world.get(Membership).isComplete && world.get(Membership).others.length === size - 1), {
    what: 'all know all',
  });
  return worlds;
}

export const nodeOf = (world: World): string => world.get(ServerId).node;

/** Signals are lost, doubled and held back, each by its own throw of the dice. */
export function disorder(random: () => number, { lost = 0.3, doubled = 0.2, lateMs = 40 } = {}): (signal: Signal) => readonly number[] {
  const delay = (): number => Math.floor(random() * lateMs);
  return () => {
    const dice = random();
    if (dice < lost) return [];
    return dice < lost + doubled ? [delay(), delay()] : [delay()];
  };
}

export interface Stream {
  readonly client: Client;
  readonly secret: string;
  readonly session: Session;
  /** Messages that reached the session from its uplink, in order. */
  readonly heard: string[];
}

/** A stream of a user that a world holds; what comes up is recorded instead of carried out. */
export async function openStream(world: World, user: string, origin?: string): Promise<Stream> {
  const client = new Client(world, 'line', { address: '192.0.2.7', ...(origin !== undefined && { origin }) });
  const { connect } = await client.ask('connect', { token: tokenOf(user) });
  const session = world.get(Sessions).ofSecret(connect.session)!;
  const heard: string[] = [];
  session.frame = (message) => void heard.push(message.toString());
  return { client, secret: connect.session, session, heard };
}

export const here = { address: '192.0.2.7' };
export const random = (seed: number): (() => number) => {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};
export const quiet = (): readonly number[] => [0];
export const errorOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { error?: string }) => error.error ?? String(error),
  );
/** It stands still or is dead: nothing reaches it and it says nothing. */
export const cutOff = (world: World): void => {
  const node = nodeOf(world);
  world.bus.delays = ({ data }) => (data.includes(node) ? [] : [0]);
};
