/** Takes spans as a collector would (OTLP/HTTP, JSON) and keeps them for a test to look at. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../waiters.ts';

export interface ReceivedSpan {
  readonly name: string;
  /** `service.name` of the process that made it. */
  readonly service: string;
  /** `service.instance.id` of it. */
  readonly instance: string;
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parent: string;
  /** Span ids. */
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface OtlpCollector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** All that ever came, as text: what must never be in a trace is looked for here. */
  readonly text: string;
  /** Resolves with the spans of a trace once they have all these names, each as often as it is named. @throws Error that lists what came */
  trace(traceId: string, names: readonly string[], timeoutMs?: number): Promise<readonly ReceivedSpan[]>;
  close(): void;
}

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      bodies.push(body);
      spans.push(...spansOf(body));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get text() {
      return bodies.join('\n');
    },
    trace: (traceId, names, timeoutMs = 10_000) => {
      const found = (): ReceivedSpan[] => spans.filter((span) => span.traceId === traceId);
      return eventually(() => (missingSpans(found(), names).length === 0 ? found() : undefined), { timeoutMs, what: 'the trace' }).catch(() => {
        throw new Error(
          `spans missing: ${missingSpans(found(), names).join(', ')}; there are ${found()
            .map(({ name, service }) => `${name} (${service})`)
            .join(', ')}`,
        );
      });
    },
    close: () => void server.close().closeAllConnections(),
  };
}

/** Names that are not there, each as often as it is missing. */
export function missingSpans(spans: readonly ReceivedSpan[], names: readonly string[]): string[] {
  const left = spans.map(({ name }) => name);
  return names.filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

interface Pair {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes?: readonly Pair[];
  readonly links?: readonly { readonly spanId: string }[];
}

interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Pair[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

const record = (pairs: readonly Pair[] = []): Record<string, unknown> => Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));

const spansOf = (body: string): ReceivedSpan[] =>
  (JSON.parse(body) as OtlpBody).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const { 'service.name': service, 'service.instance.id': instance } = record(resource.attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId = '', attributes, links = [] }) => ({
        name,
        traceId,
        spanId,
        parent: parentSpanId,
        service: String(service),
        instance: String(instance),
        links: links.map((link) => link.spanId),
        attributes: record(attributes),
      })),
    );
  });
