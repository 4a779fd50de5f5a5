// allowed: sleeps: sends keep a pace while a fault lasts; nothing is waited for
import { setInterval } from 'node:timers/promises';
import { checkHistory, eventually } from '@veche/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Campaign } from '../src/campaign.ts';
import { call, createThread, type Person, register } from '../src/people.ts';
import { FaultyPostgres } from '../src/postgres-faults.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

const SIZE = { threads: 8, clients: 12, others: 4, messages: 4_000, senders: 12 };
const UNLIMITED = { GATEWAY_MESSAGES_PER_MINUTE: '1000000', HTTP_REQUESTS_PER_MINUTE: '1000000', GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8' };
/** RPC_TIMEOUT_MS and what a busy machine adds. */
const DEADLINE_MS = 5_000 + 1_500;
/** What is refused while the outage is known, on a machine that is busy restarting a database. */
const FAST_MS = 200;

let postgres: FaultyPostgres;
let server: Veche;
let person: Person;
let messages: string;

beforeAll(async () => {
  postgres = await FaultyPostgres.start();
  server = await startVeche({ adminUrl: postgres.url, env: UNLIMITED });
  person = await register(server.origin, 'prober');
  const thread = await createThread(server.origin, person, 'probes', []);
  messages = `/chat/threads/${thread.channel.slice('thread:'.length)}/messages`;
});

afterAll(async () => {
  await server.stop();
  await postgres.stop();
});

interface Probe {
  readonly status: number;
  readonly ms: number;
  readonly error: string | undefined;
}

async function probe(): Promise<Probe> {
  const began = performance.now();
  const { status, body } = await call<{ error?: { name: string } }>(server.origin, 'POST', messages, { token: person.token, body: { text: 'probe' } });
  return { status, ms: performance.now() - began, error: body.error?.name };
}

/** Sessions that the server has closed, by code; all processes together. */
const closings = async (): Promise<Record<string, number>> => {
  const sums: Record<string, number> = {};
  for (const [, code = '', value] of (await server.metrics()).matchAll(/^veche_gateway_sessions_closed_total\{code="(\d+)"\} (\d+)$/gm))
    sums[code] = (sums[code] ?? 0) + Number(value);
  return sums;
};

interface Fault {
  readonly name: string;
  begin(): Promise<unknown> | void;
  end(): Promise<unknown> | void;
  /** How long it lasts; the outage is what is under test, not a wait for something. */
  readonly lastsMs: number;
  /** Sends are refused at once while it lasts. */
  readonly isOutage: boolean;
}

const FAULTS: readonly Fault[] = [
  { name: 'backends terminated', begin: () => postgres.terminateBackends(), end: () => undefined, lastsMs: 200, isOutage: false },
  { name: 'SIGKILL', begin: () => postgres.kill(), end: () => postgres.restart(), lastsMs: 3_000, isOutage: true },
  { name: 'frozen for 8 s', begin: () => postgres.freeze(), end: () => postgres.thaw(), lastsMs: 8_000, isOutage: true },
  {
    name: 'read-only',
    begin: () => postgres.readOnly(databaseName(), true),
    end: () => postgres.readOnly(databaseName(), false),
    lastsMs: 2_000,
    isOutage: true,
  },
];

const databaseName = (): string => new URL(server.database.url).pathname.slice(1);

/** Sends all the time while the fault lasts; all that it saw. */
async function suffer(fault: Fault): Promise<Probe[]> {
  await fault.begin();
  const until = performance.now() + fault.lastsMs;
  const seen: Probe[] = [];
  const running: Promise<unknown>[] = [];
  for await (const _ of setInterval(50)) {
    if (performance.now() >= until) break;
    running.push(probe().then((one) => seen.push(one)));
  }
  const duringOutage = [...seen];
  await fault.end();
  await Promise.all(running);
  for (const { status, ms, error } of seen) {
    expect(ms, `${fault.name}: an answer within the deadline`).toBeLessThan(DEADLINE_MS);
    expect([201, 503, 504], `${fault.name}: ${status} ${error}`).toContain(status);
    if (status !== 201) expect(['unavailable', 'outcome_unknown']).toContain(error);
  }
  if (fault.isOutage) {
    const late = duringOutage.slice(Math.floor(duringOutage.length / 2));
    expect(late.length).toBeGreaterThan(10);
    const slow = late.filter(({ ms }) => ms > FAST_MS).map(({ ms }) => Math.round(ms));
    // Those that were sent before the outage was known end among them.
    expect(slow.length, `${fault.name}: slow refusals ${slow.join()} of ${late.length}`).toBeLessThanOrEqual(late.length * 0.2);
  }
  await eventually(async () => (await probe()).status === 201, { timeoutMs: 10_000 });
  return seen;
}

describe('a load through every door while the database suffers', () => {
  it('keeps its sockets, answers in words, recovers by itself and loses, doubles and invents nothing', { timeout: 300_000 }, async () => {
    const { pids } = server;
    const campaign = new Campaign(server.origin, SIZE);
    await campaign.gather();
    const closed = await closings();
    const load = campaign.run(() => undefined);
    for (const fault of FAULTS) {
      const seen = await suffer(fault);
      console.log(
        `${fault.name}: ${seen.length} sends, ${seen.filter(({ status }) => status === 201).length} ok, slowest ${Math.round(Math.max(...seen.map(({ ms }) => ms)))} ms`,
      );
    }
    await load;
    expect(server.pids).toEqual(pids);
    expect(server.log).not.toMatch(/unhandled|uncaught/i);
    const log = await campaign.dump();
    await eventually(() => campaign.caughtUp(log), { timeoutMs: 60_000 });
    const verdict = checkHistory({ entries: campaign.history.entries, log });
    console.log(JSON.stringify(verdict.counts));
    expect(verdict.violations.slice(0, 20)).toEqual([]);
    expect(verdict.counts.acknowledged).toBe(SIZE.messages + SIZE.threads);
    expect(await closings(), 'sessions closed by us').toEqual(closed);
    await campaign.disperse();
  });
});
