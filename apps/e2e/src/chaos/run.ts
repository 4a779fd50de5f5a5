/** One fault run: a crowd on every door, a load, faults that a seed decides, healing, and the verdict over the history of it all. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkHistory, type Constellation, eventually, type History, seededRandom, startConstellation, type Topology, type Verdict } from '@veche/testing';
import { Campaign } from '../campaign.ts';
import { Nemesis, type Struck } from './nemesis.ts';
import { toldIn } from './notices.ts';
import { PipelinedSender } from './pipelined-sender.ts';
import { projectionsOf } from './projections.ts';
import { Removals } from './removals.ts';
import { Sampling } from './samples.ts';
import { plan, type Planned } from './timeline.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly topology: Topology;
  /** Names of faults; default: all that are possible. */
  readonly only?: readonly string[];
  /** Settings of every process, beside those of the run. */
  readonly env?: Readonly<Record<string, string>>;
  /** Name of a bug that is planted in every process (src/planted). */
  readonly bug?: string;
  /** Where history and verdict are kept; default: nowhere. */
  readonly output?: string;
  readonly say?: (line: string) => void;
}

export interface ChaosResult {
  readonly verdict: Verdict;
  readonly struck: readonly Struck[];
  /** From the end of the load to the moment when everybody had seen everything. */
  readonly settledMs: number;
}

const HOOK = new URL('../../dist/planted/hook.js', import.meta.url).href;
const SIZE = { threads: 6, clients: 9, others: 2, messages: 0, senders: 8 };
const PIPELINED = 2;
const PAUSE_MS = 50;
const SETTLED_WITHIN_MS = 60_000;
/** After the healing: a resend each few seconds, each with its deadline. */
const ANSWERED_WITHIN_MS = 40_000;
const ENV = { GATEWAY_MESSAGES_PER_MINUTE: '1000000', HTTP_REQUESTS_PER_MINUTE: '1000000', GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8' };

/** @throws Error when the constellation does not start, or does not come to rest after the faults */
export async function chaosRun(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, topology, bug, env = {} } = options;
  const planted: Record<string, string> = bug === undefined ? {} : { PLANTED_BUG: bug, NODE_OPTIONS: `--import ${HOOK}` };
  const proxies =
    topology === 'distributed'
      ? (['rabbitmq', 'redis', 'pgbouncer'] as const)
      : topology === 'redis'
        ? (['redis', 'postgres'] as const)
        : (['postgres'] as const);
  const target = await startConstellation({ topology, seed, proxies, env: { ...ENV, ...planted, ...env } });
  try {
    return await underFaults(target, options);
  } finally {
    await target.stop();
  }
}

async function underFaults(target: Constellation, options: ChaosOptions): Promise<ChaosResult> {
  const campaign = new Campaign(target.origin, SIZE);
  await campaign.gather();
  const watchers = [1, 2, 3, 4].map((index) => campaign.person(index));
  const removals = new Removals(target.origin, campaign.person(0), watchers, campaign.history);
  try {
    await removals.gather();
    return await tried(target, { campaign, removals }, options);
  } finally {
    await Promise.all([campaign.disperse(), removals.disperse()]);
  }
}

async function tried(
  target: Constellation,
  { campaign, removals }: Pick<Crowd, 'campaign' | 'removals'>,
  { seed, minutes, only = [], output, topology, say = () => undefined }: ChaosOptions,
): Promise<ChaosResult> {
  const random = seededRandom(seed);
  const timeline = plan(target, random, minutes * 60_000, only);
  say(`seed ${seed}, ${topology}: ${timeline.length} faults in ${minutes} min`);
  const nemesis = new Nemesis(target, random, campaign.history, say);
  const sampling = new Sampling(target);
  const unanswered = await load(target, { campaign, removals, totalMs: minutes * 60_000 }, async () => {
    await nemesis.carryOut(timeline);
    await nemesis.heal();
  });
  const loadEnded = performance.now();
  const history = await atRest(campaign, removals);
  const settledMs = performance.now() - loadEnded;
  const told = await toldIn(campaign);
  sampling.stop();
  const whole = { ...history, ...told, projections: await projectionsOf(campaign, history.log), samples: sampling.samples };
  const verdict = withLiveness(checkHistory(whole), unanswered);
  if (output) keep(output, { seed, minutes, topology, timeline, struck: nemesis.struck, verdict, settledMs }, whole);
  return { verdict, struck: nemesis.struck, settledMs };
}

interface Crowd {
  readonly campaign: Campaign;
  readonly removals: Removals;
  readonly totalMs: number;
}

/** Everybody sends while `during` lasts, and until everything that was sent has an outcome. @returns whether somebody got none in time */
async function load(target: Constellation, { campaign, removals, totalMs }: Crowd, during: () => Promise<void>): Promise<boolean> {
  const stop = new AbortController();
  const pipelined = Array.from(
    { length: PIPELINED },
    (_, index) => new PipelinedSender(`pipelined${index}`, target.origin, campaign.person(index).token, campaign.channel(index), campaign.history),
  );
  const sending = Promise.all([
    campaign.runUntil(stop.signal, PAUSE_MS),
    removals.run(stop.signal, totalMs),
    ...pipelined.map((sender) => sender.run(stop.signal, PAUSE_MS)),
  ]);
  try {
    await during();
  } finally {
    stop.abort();
  }
  const late = new Promise<true>((resolve) => setTimeout(resolve, ANSWERED_WITHIN_MS, true).unref());
  return Promise.race([sending.then(() => false), late]);
}

/** L4: every command ends answered once the faults have been healed. */
const withLiveness = (verdict: Verdict, unanswered: boolean): Verdict =>
  unanswered
    ? {
        ...verdict,
        valid: false,
        violations: [...verdict.violations, { rule: 'L4', what: `a command had no answer ${ANSWERED_WITHIN_MS} ms after everything was healed` }],
      }
    : verdict;

async function atRest(campaign: Campaign, removals: Removals): Promise<History> {
  const readable = { timeoutMs: SETTLED_WITHIN_MS, what: 'the log can be read' };
  const common = await eventually(() => campaign.dump(), readable);
  const log = [...common, ...(await eventually(() => removals.dump(), readable))];
  await eventually(() => campaign.caughtUp(common), { timeoutMs: SETTLED_WITHIN_MS, what: 'everybody has seen the whole log' }).catch(() => undefined);
  return { entries: campaign.history.entries, log };
}

interface Report {
  readonly seed: number;
  readonly minutes: number;
  readonly topology: Topology;
  readonly timeline: readonly Planned[];
  readonly struck: readonly Struck[];
  readonly verdict: Verdict;
  readonly settledMs: number;
}

/** Enough to judge the run again, and to do it again. */
function keep(output: string, { timeline: _timeline, ...report }: Report, history: History): void {
  const folder = join(output, `${report.topology}-${report.seed}`);
  mkdirSync(folder, { recursive: true });
  const replay = `npm run test:chaos -- --seed ${report.seed} --minutes ${report.minutes} --topology ${report.topology}`;
  writeFileSync(join(folder, 'run.json'), `${JSON.stringify({ replay, node: process.version, ...report }, undefined, 2)}\n`);
  writeFileSync(join(folder, 'history.jsonl'), history.entries.map((entry) => JSON.stringify(entry)).join('\n'));
  writeFileSync(join(folder, 'log.jsonl'), history.log.map((record) => JSON.stringify(record)).join('\n'));
}
