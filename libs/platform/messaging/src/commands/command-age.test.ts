import type { CommandEnvelope, CommandReply } from '@veche/contracts';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { eventually } from '@veche/testing';
import { expect, it } from 'vitest';
import { InProcessAdapter } from '../in-process/in-process-adapter.ts';
import { messagingConfig } from '../messaging.config.ts';
import { MessagingTelemetry } from '../messaging.telemetry.ts';

const DONE: CommandReply = { ok: true, id: 'x', seq: 1, epoch: 'e', ts: 1 };

it('tells how long the longest waiting command has had no answer, whether it is under way or has not left', async () => {
  let now = 1_000_000;
  const metrics = new Metrics();
  const config = { ...valuesOf(loadConfig([messagingConfig], {}), messagingConfig), BUS_BATCH_COMMANDS: 1 };
  const clock = { now: () => now, after: () => () => {} };
  const adapter = new InProcessAdapter(config, new MessagingTelemetry(metrics, Logger.silent()), { clock });
  const held: PromiseWithResolvers<void>[] = [];
  const process = async (batch: readonly CommandEnvelope[]): Promise<CommandReply[]> => {
    const hold = Promise.withResolvers<void>();
    held.push(hold);
    await hold.promise;
    return batch.map(() => DONE);
  };
  await adapter.serve({ requests: new Map(), work: new Map(), commands: { process } });
  const age = async (): Promise<number> => Number(/^veche_messaging_oldest_command_age_seconds (.+)$/m.exec(await metrics.registry.metrics())?.[1]);
  const send = (command_id: string): Promise<CommandReply> =>
    adapter.commands.send({ kind: 'chat.send-message.v1', channel: 'thread:1', actor: 'ann', command_id, data: {}, meta: null, deadline: now + 60_000 });

  expect(await age()).toBe(0);
  const first = send('c-1');
  await eventually(() => held.length === 1);
  now += 2_000;
  const second = send('c-2');
  now += 1_500;
  expect(await age()).toBe(3.5);
  held[0]!.resolve();
  await first;
  // The second has been waiting behind it all the while.
  expect(await age()).toBe(1.5);
  await eventually(() => held.length === 2);
  now += 500;
  expect(await age()).toBe(2);
  held[1]!.resolve();
  await second;
  expect(await age()).toBe(0);
  await adapter.stop();
});
