import { expect, it } from 'vitest';
import { Metrics } from './metrics.ts';

it('keeps the instruments of two applications apart', async () => {
  const [one, two] = [new Metrics(), new Metrics()];
  one.counter({ name: 'veche_test_total', help: 'test' }).inc(2);
  two.counter({ name: 'veche_test_total', help: 'test' }).inc(5);
  expect((await one.render()).body).toContain('veche_test_total 2');
  expect((await two.render()).body).toContain('veche_test_total 5');
});

it('gives the same instrument to whoever asks for its name again', () => {
  const metrics = new Metrics();
  const options = { name: 'veche_test_total', help: 'test', labelNames: ['kind'] as const };
  expect(metrics.counter({ ...options, labelNames: ['kind'] })).toBe(metrics.counter({ ...options, labelNames: ['kind'] }));
});

it('has the buckets of delivery latency by default', async () => {
  const metrics = new Metrics();
  metrics.histogram({ name: 'veche_test_seconds', help: 'test' }).observe(0.02);
  const { body } = await metrics.render();
  expect(body).toContain('veche_test_seconds_bucket{le="0.01"} 0');
  expect(body).toContain('veche_test_seconds_bucket{le="0.05"} 1');
});

it('collects the process once, event loop lag included', async () => {
  const metrics = new Metrics();
  metrics.collectProcess();
  metrics.collectProcess();
  expect((await metrics.render()).body).toContain('nodejs_eventloop_lag_seconds');
});
