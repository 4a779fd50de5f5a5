/** What a span costs by itself: the part of the bench of traces that the machine's other work cannot blur. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Logger, Metrics, startTracing, Tracing } from '@veche/platform-telemetry';
import { atTheEnd } from './ends.ts';

/** Spans of one message on its way through one process, and seams at which an untraced one looks whether it is traced. */
const SPANS = 12;
const SEAMS = 12;

export interface SpanCosts {
  /** µs of CPU that a message has of traces: off, on and not sampled, on and sampled with the export of its spans. */
  readonly off: number;
  readonly untraced: number;
  readonly traced: number;
}

export async function spanCosts(): Promise<SpanCosts> {
  const collector = spawn(process.execPath, ['-e', COLLECTOR], { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = atTheEnd(async () => void collector.kill());
  try {
    const [port] = (await once(collector.stdout, 'data')) as [Buffer];
    return await measure(`http://127.0.0.1:${port.toString().trim()}`);
  } finally {
    await end.now();
  }
}

/** A process of its own: what it does is not to be counted. */
const COLLECTOR = `require('node:http').createServer((request, response) => request.resume().on('end', () => response.end('{}')))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

async function measure(endpoint: string): Promise<SpanCosts> {
  const config = {
    OTEL_SDK_DISABLED: false,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: {},
    OTEL_SERVICE_NAME: 'bench',
    OTEL_RESOURCE_ATTRIBUTES: {},
    TRACE_CLIENT_PER_SECOND: 0,
    OTEL_TRACES_SAMPLER: 'traceidratio' as const,
  };
  const start = (ratio: number): Promise<Tracing> =>
    startTracing({ ...config, OTEL_TRACES_SAMPLER_ARG: ratio }, { name: 'bench', version: '0' }, new Metrics(), Logger.silent());
  const [never, always] = [await start(0), await start(1)];
  const off = await cost(Tracing.off(), 200_000);
  const untraced = await cost(never, 200_000);
  const traced = await cost(always, 5_000);
  await Promise.all([never.stop(), always.stop()]);
  return { off, untraced, traced };
}

async function cost(tracing: Tracing, messages: number): Promise<number> {
  for (let message = 0; message < messages / 10; message++) await way(tracing);
  await tracing.flush();
  const before = process.cpuUsage();
  for (let message = 0; message < messages; message++) {
    await way(tracing);
    // As often as the queue of spans would be sent: what is dropped costs less.
    if (message % 300 === 299) await tracing.flush();
  }
  await tracing.flush();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / messages;
}

async function way(tracing: Tracing): Promise<void> {
  const frame = tracing.receive('rpc chat.send', undefined);
  await tracing.during(frame, async () => {
    if (frame)
      for (let span = 1; span < SPANS; span++) await tracing.span('part', { kind: 'internal', attributes: { 'veche.namespace': 'thread', count: span } }, DONE);
    else for (let seam = 0; seam < SEAMS; seam++) void tracing.current;
  });
}

const DONE = (): Promise<void> => Promise.resolve();
