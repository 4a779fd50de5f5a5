/** A private Jaeger v2 that keeps traces in memory: takes OTLP, and is asked by its query API. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { eventually } from '../waiters.ts';
import { privateFolder, removeFolder } from './folders.ts';
import { jaegerProgram } from './jaeger-program.ts';
import { missingSpans, type ReceivedSpan } from './otlp-collector.ts';
import { ServerProcess } from './server-process.ts';

export interface Jaeger {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** Of the query API. */
  readonly origin: string;
  /** Resolves with the spans of a trace once they have all these names, each as often as it is named. @throws Error that lists what there is */
  trace(traceId: string, names: readonly string[], timeoutMs?: number): Promise<readonly ReceivedSpan[]>;
  /** Ends it and removes what it wrote. */
  remove(): Promise<void>;
}

/** @throws Error with what to do when there is no Jaeger and none can be built */
export async function startJaeger(): Promise<Jaeger> {
  const program = await jaegerProgram();
  const home = privateFolder('jaeger');
  const [otlp, query, grpc] = [await freePort(), await freePort(), await freePort()];
  writeFileSync(join(home, 'config.yaml'), configOf(otlp, query, grpc));
  const origin = `http://127.0.0.1:${query}`;
  const server = new ServerProcess({
    name: 'jaeger',
    command: [program, '--config', join(home, 'config.yaml')],
    env: { PATH: process.env['PATH'], HOME: home },
    ready: async () => (await fetch(`${origin}/api/services`)).ok,
  });
  await server.start();
  return {
    endpoint: `http://127.0.0.1:${otlp}`,
    origin,
    trace: (traceId, names, timeoutMs) => traceAt(origin, traceId, names, timeoutMs),
    remove: async () => {
      await server.stop();
      removeFolder(home);
    },
  };
}

/** JSON is YAML. */
const configOf = (otlp: number, query: number, grpc: number): string =>
  JSON.stringify({
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' } },
    },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 10_000 } } } },
      jaeger_query: {
        storage: { traces: 'memory' },
        http: { endpoint: `127.0.0.1:${query}` },
        grpc: { endpoint: `127.0.0.1:${grpc}` },
      },
    },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  });

/** As `Jaeger.trace`, of any Jaeger. @param origin of its query API */
export async function traceAt(origin: string, traceId: string, names: readonly string[], timeoutMs = 20_000): Promise<readonly ReceivedSpan[]> {
  let spans: readonly ReceivedSpan[] = [];
  const complete = async (): Promise<boolean> => {
    spans = await spansOf(origin, traceId);
    return missingSpans(spans, names).length === 0;
  };
  await eventually(complete, { timeoutMs, what: 'the trace' }).catch(() => {
    throw new Error(
      `spans missing: ${missingSpans(spans, names).join(', ')}; there are ${spans.map(({ name, service }) => `${name} (${service})`).join(', ')}`,
    );
  });
  return spans;
}

interface Tag {
  readonly key: string;
  readonly value: unknown;
}

interface JaegerTrace {
  readonly spans: readonly {
    readonly spanID: string;
    readonly operationName: string;
    readonly processID: string;
    readonly references: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[];
    readonly tags: readonly Tag[];
  }[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags: readonly Tag[] }>>;
}

const record = (tags: readonly Tag[] = []): Record<string, unknown> => Object.fromEntries(tags.map(({ key, value }) => [key, value]));

async function spansOf(origin: string, traceId: string): Promise<ReceivedSpan[]> {
  const response = await fetch(`${origin}/api/traces/${traceId}`);
  const { data } = (await response.json()) as { readonly data: readonly JaegerTrace[] | null };
  return (data ?? []).flatMap(({ spans, processes }) =>
    spans.map(({ spanID, operationName, processID, references, tags }) => {
      // The parent is the one reference of this kind within the trace; links are references too.
      const parent = references.find(({ refType, traceID }) => refType === 'CHILD_OF' && traceID === traceId)?.spanID ?? '';
      const { serviceName: service, tags: resource } = processes[processID]!;
      return {
        name: operationName,
        traceId,
        spanId: spanID,
        parent,
        service,
        instance: String(record(resource)['service.instance.id']),
        links: references.map((reference) => reference.spanID).filter((id) => id !== parent),
        attributes: record(tags),
      };
    }),
  );
}
