import { logs, propagation, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterEach, expect, it, vi } from 'vitest';
import { startSdk, type StartedSdk } from './node-sdk.ts';

/** All that is printed; hoisted, because the SDK keeps the console that it finds when it is loaded. */
const printed = vi.hoisted(() => {
  const lines: unknown[][] = [];
  for (const way of ['debug', 'info', 'log', 'warn', 'error', 'trace', 'dir'] as const) console[way] = (...line: unknown[]) => void lines.push(line);
  return lines;
});

const started: StartedSdk[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(started.splice(0).map((sdk) => sdk.shutdown()));
});

async function start(name: string): Promise<{ sdk: StartedSdk; spans: () => ReadableSpan[] }> {
  const exporter = new InMemorySpanExporter();
  const sdk = await startSdk(new SimpleSpanProcessor({ exporter }), { 'service.name': name }, '1');
  started.push(sdk);
  return { sdk, spans: () => exporter.getFinishedSpans() };
}

it('keeps two of one process apart', async () => {
  const [one, other] = [await start('one'), await start('other')];
  one.sdk.tracer.startSpan('of one').end();
  other.sdk.tracer.startSpan('of the other').end();
  expect(one.spans().map(({ name, resource }) => [name, resource.attributes['service.name']])).toEqual([['of one', 'one']]);
  expect(other.spans().map(({ name, resource }) => [name, resource.attributes['service.name']])).toEqual([['of the other', 'other']]);
});

it('gives libraries that speak to the global API nothing to speak to', async () => {
  const { spans } = await start('one');
  trace.getTracer('a library').startSpan('query').end();
  logs.getLogger('a library').emit({ body: 'text' });
  expect(propagation.fields()).toEqual([]);
  expect(spans()).toEqual([]);
});

it('goes by what it was told, whatever the environment says of the SDK', async () => {
  for (const [name, value] of Object.entries({
    OTEL_TRACES_EXPORTER: 'console',
    OTEL_METRICS_EXPORTER: 'console',
    OTEL_LOGS_EXPORTER: 'console',
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_PROPAGATORS: 'b3,none-such',
    OTEL_NODE_RESOURCE_DETECTORS: 'all',
    OTEL_LOG_LEVEL: 'info',
  }))
    vi.stubEnv(name, value);
  const { sdk, spans } = await start('one');
  sdk.tracer.startSpan('frame').end();
  expect(spans().map(({ name, resource }) => [name, Object.keys(resource.attributes)])).toEqual([['frame', ['service.name']]]);
  expect(printed).toEqual([]);
});
