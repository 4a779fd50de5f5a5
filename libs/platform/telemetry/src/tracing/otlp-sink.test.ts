import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Logger } from '../logger.ts';
import { Metrics } from '../metrics.ts';
import { otlpSink } from './otlp-sink.ts';
import { TracesTelemetry } from './traces.telemetry.ts';
import { Tracing } from './tracing.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close().closeAllConnections()));

async function collector(answer: (body: string, headers: Record<string, unknown>) => number | undefined): Promise<string> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const status = answer(Buffer.concat(parts).toString(), request.headers);
      if (status !== undefined) response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function exporting(endpoint: string): Promise<{ tracing: Tracing; metrics: Metrics; logged: string[] }> {
  const metrics = new Metrics();
  const logged: string[] = [];
  const config = {
    OTEL_SDK_DISABLED: false,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: { authorization: 'Bearer of-the-collector' },
    OTEL_SERVICE_NAME: '',
    OTEL_RESOURCE_ATTRIBUTES: { 'k8s.pod.name': 'chat-0' },
    OTEL_TRACES_SAMPLER: 'always_on' as const,
    OTEL_TRACES_SAMPLER_ARG: 1,
    TRACE_CLIENT_PER_SECOND: 0,
  };
  const telemetry = new TracesTelemetry(metrics, Logger.to({ write: (line) => logged.push(line) }));
  return { tracing: new Tracing(await otlpSink(config, { name: 'veche-chat', version: '9' }, telemetry), config), metrics, logged };
}

it('sends spans to the collector with its headers, under the name of the application', async () => {
  const got: { body: string; authorization: unknown }[] = [];
  const { tracing, metrics } = await exporting(
    await collector((body, { authorization }) => {
      got.push({ body, authorization });
      return 200;
    }),
  );
  tracing.receive('frame', undefined, { attributes: { kind: 'x' } })!.end();
  await tracing.stop();
  expect(got).toHaveLength(1);
  expect(got[0]!.authorization).toBe('Bearer of-the-collector');
  for (const part of ['"frame"', '"veche-chat"', '"chat-0"']) expect(got[0]!.body).toContain(part);
  expect((await metrics.render()).body).toContain('veche_traces_spans_total{result="exported"} 1');
});

it('says once that the collector is away, counts what is lost and harms nothing', async () => {
  const { tracing, metrics, logged } = await exporting(await collector(() => 400));
  for (let round = 0; round < 3; round++) {
    tracing.receive('frame', undefined)!.end();
    await tracing.flush();
  }
  await tracing.stop();
  expect((await metrics.render()).body).toContain('veche_traces_spans_total{result="lost"} 3');
  expect(logged.filter((line) => line.includes('cannot be exported'))).toHaveLength(1);
  expect(logged.join('')).not.toContain('of-the-collector');
});

it('sends all that waits before it stops, and never keeps more than its queue', async () => {
  const { tracing, metrics } = await exporting(await collector(() => 200));
  for (let count = 0; count < 10_000; count++) tracing.receive('frame', undefined)!.end();
  await tracing.stop();
  const exported = Number(/exported"\} (\d+)/.exec((await metrics.render()).body)?.[1]);
  expect(exported).toBeGreaterThanOrEqual(4096);
  expect(exported).toBeLessThanOrEqual(4096 + 512);
});

it('stops within its bound while the collector hangs', async () => {
  const { tracing } = await exporting(await collector(() => undefined));
  tracing.receive('frame', undefined)!.end();
  const began = performance.now();
  await tracing.stop();
  expect(performance.now() - began).toBeLessThan(4000);
});
