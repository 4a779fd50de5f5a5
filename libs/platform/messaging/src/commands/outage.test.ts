import { type CommandEnvelope, VecheError } from '@veche/contracts';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { eventually } from '@veche/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { messagingConfig } from '../messaging.config.ts';
import { MessagingTelemetry } from '../messaging.telemetry.ts';
import { InProcessAdapter } from '../in-process/in-process-adapter.ts';

const defaults = valuesOf(loadConfig([messagingConfig], {}), messagingConfig);
let adapter: InProcessAdapter;
/** What the database does. */
let database: 'well' | 'refused' | 'frozen' | 'locked';
let thaw: PromiseWithResolvers<void>;
let metrics: Metrics;

beforeEach(async () => {
  database = 'well';
  thaw = Promise.withResolvers<void>();
  metrics = new Metrics();
  adapter = new InProcessAdapter(defaults, new MessagingTelemetry(metrics, Logger.silent()));
  const touch = async (): Promise<void> => {
    if (database === 'frozen') await thaw.promise;
    if (database === 'refused') throw new VecheError('unavailable');
  };
  await adapter.serve({
    requests: new Map(),
    work: new Map(),
    commands: {
      probe: touch,
      process: async (batch) => {
        await touch();
        if (database === 'locked') throw new VecheError('unavailable', 'lock timeout');
        return batch.map(() => ({ ok: true, id: 'x', seq: 1, epoch: 'e', ts: 1 }));
      },
    },
  });
});
afterEach(async () => {
  thaw.resolve();
  database = 'well';
  await adapter.stop();
});

let sent = 0;
const command = (channel: string): CommandEnvelope => ({
  kind: 'chat.send-message.v1',
  channel,
  actor: 'ann',
  command_id: `c-${++sent}`,
  data: {},
  meta: null,
  deadline: Date.now() + 5_000,
});
const send = async (channel = 'thread:1'): Promise<string> => {
  const reply = await adapter.commands.send(command(channel));
  return reply.ok ? 'ok' : reply.error;
};
const isKnown = async (): Promise<boolean> => /^veche_messaging_outage 1$/m.test(await metrics.registry.metrics());

it.each(['refused', 'frozen'] as const)(
  'while the database is %s commands are answered at once, on every queue, and go through when it is back',
  async (fault) => {
    expect(await send()).toBe('ok');
    database = fault;
    // The one that finds out: nobody knows what became of it.
    expect(await send()).toBe('outcome_unknown');
    expect(await isKnown()).toBe(true);
    const answers = Promise.all(Array.from({ length: 100 }, (_, index) => send(`thread:${index}`)));
    // Before any timer: refused in the call.
    const first = await Promise.race([answers, new Promise((resolve) => setImmediate(resolve)).then(() => 'late')]);
    expect(new Set(first as string[])).toEqual(new Set(['unavailable']));
    database = 'well';
    thaw.resolve();
    await eventually(async () => (await send()) === 'ok');
  },
);

it('what waits behind the batch that found out is refused too: it was never delivered', async () => {
  database = 'frozen';
  const first = send();
  await eventually(async () => /inflight_commands 1$/m.test(await metrics.registry.metrics()));
  const behind = send();
  expect([await first, await behind]).toEqual(['outcome_unknown', 'unavailable']);
});

it('a batch that fails on a database that answers is no outage', async () => {
  database = 'locked';
  const stuck = send('thread:1');
  await eventually(async () => (await metrics.registry.metrics()).match(/nacks_total [3-9]/));
  expect(await isKnown()).toBe(false);
  database = 'well';
  expect(await stuck).toBe('ok');
});
