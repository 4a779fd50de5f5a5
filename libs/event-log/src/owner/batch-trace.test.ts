import type { ChannelEvent, CommandEnvelope } from '@veche/contracts';
import { Logger, Metrics, recordedTracing, type RecordedTracing } from '@veche/platform-telemetry';
import { beforeEach, expect, it } from 'vitest';
import { EventLogTelemetry } from '../event-log.telemetry.ts';

let recorded: RecordedTracing;
let telemetry: EventLogTelemetry;
beforeEach(async () => {
  recorded = await recordedTracing();
  telemetry = new EventLogTelemetry(new Metrics(), Logger.silent(), recorded.tracing);
});

const command = (id: string, traceparent?: string): CommandEnvelope => ({
  kind: 'chat.send-message.v1',
  channel: 'thread:a',
  actor: 'ann',
  command_id: id,
  data: { text: 'the secret' },
  meta: null,
  deadline: 1,
  ...(traceparent && { traceparent }),
});
const eventOf = ({ channel, actor, command_id }: CommandEnvelope): ChannelEvent => ({
  channel,
  actor,
  command_id,
  epoch: 'e',
  seq: 1,
  id: 'i',
  kind: 'k',
  ts: 1,
  data: '{}',
  meta: null,
});
const sent = (name: string): string => recorded.tracing.receive(name, undefined)!.traceparent;
const idOf = (traceparent: string): string => traceparent.slice(3, 35);

it('each traced command has its handling in its own trace, the batch stands in the first and is linked to all', async () => {
  const [one, two] = [sent('one'), sent('two')];
  const batch = [command('plain'), command('1', one), command('2', two)];
  const replies = [
    { ok: true as const, id: 'i', seq: 1, epoch: 'e', ts: 1 },
    { ok: true as const, id: 'i', seq: 2, epoch: 'e', ts: 1 },
    { ok: false as const, error: 'permission_denied' as const, message: 'no' },
  ];
  await telemetry.traced(batch, 1, async () => {
    await telemetry.publishing(2, async () => undefined);
    return replies;
  });
  const spans = await recorded.spans();
  const handled = spans.filter(({ name }) => name === 'handle chat.send-message.v1');
  expect(handled.map(({ traceId, attributes }) => [traceId, attributes['result_status']])).toEqual([
    [idOf(one), 'ok'],
    [idOf(two), 'permission_denied'],
  ]);
  const whole = spans.find(({ name }) => name === 'batch')!;
  expect(whole).toMatchObject({
    traceId: idOf(one),
    parent: handled[0]!.spanId,
    links: [handled[1]!.spanId],
    attributes: { 'messaging.batch.message_count': 3 },
  });
  expect(spans.find(({ name }) => name === 'in a batch of another trace')).toMatchObject({
    traceId: idOf(two),
    parent: handled[1]!.spanId,
    links: [whole.spanId],
  });
  expect(spans.find(({ name }) => name === 'publish events')?.parent).toBe(whole.spanId);
  expect(JSON.stringify(spans)).not.toContain('secret');
});

it('the events of traced commands, and no others, travel on with the trace', async () => {
  const batch = [command('1', sent('one')), command('2')];
  let onward: readonly ChannelEvent[] = [];
  await telemetry.traced(batch, 1, async (trace) => {
    onward = trace!.onward(batch.map(eventOf));
    return batch.map(() => ({ ok: true, id: 'i', seq: 1, epoch: 'e', ts: 1 }));
  });
  const handled = (await recorded.spans()).find(({ name }) => name.startsWith('handle'))!;
  expect(onward.map(({ traceparent }) => traceparent)).toEqual([`00-${handled.traceId}-${handled.spanId}-01`, undefined]);
});

it('a batch that fails is seen to fail, and the next attempt says so', async () => {
  const batch = [command('1', sent('one'))];
  await expect(telemetry.traced(batch, 1, () => Promise.reject(new TypeError('with the secret')))).rejects.toThrow(TypeError);
  await telemetry.traced(batch, 2, async () => [{ ok: true, id: 'i', seq: 1, epoch: 'e', ts: 1 }]);
  const handled = (await recorded.spans()).filter(({ name }) => name.startsWith('handle'));
  expect(handled.map(({ failed, attributes }) => [failed, attributes['retry_count']])).toEqual([
    [true, 0],
    [false, 1],
  ]);
});

it('a batch without a traced command is no part of the trace of whoever woke the queue', async () => {
  const { tracing } = recorded;
  await tracing.during(tracing.receive('another frame', undefined), () =>
    telemetry.traced([command('1')], 1, async (trace) => {
      expect([trace, tracing.current]).toEqual([undefined, undefined]);
      return [];
    }),
  );
  expect((await recorded.spans()).map(({ name }) => name)).toEqual(['another frame']);
});
