import { expect, it, vi } from 'vitest';
import { Metrics } from './metrics.ts';

it('tells figures as they are, and totals by how fast they have grown since it last told them', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const metrics = new Metrics();
  const acks = metrics.counter({ name: 'veche_test_acks_total', help: 'test', labelNames: ['shape', 'result'] });
  metrics.pulse.rate('acks/s', () => metrics.total(acks, { result: 'ack' }));
  metrics.pulse.value('online_ws_clients', () => 7);
  acks.inc({ shape: 'command', result: 'ack' }, 30);
  acks.inc({ shape: 'work', result: 'ack' }, 10);
  acks.inc({ shape: 'work', result: 'nack' }, 99);
  vi.advanceTimersByTime(10_000);
  expect(await metrics.pulse.beat()).toEqual({ 'acks/s': 4, online_ws_clients: 7 });
  vi.advanceTimersByTime(10_000);
  expect(await metrics.pulse.beat()).toEqual({ 'acks/s': 0, online_ws_clients: 7 });
  vi.useRealTimers();
});
