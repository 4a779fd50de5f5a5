import { ConfigError, loadConfig, section, valuesOf } from '@veche/platform-config';
import { expect, it } from 'vitest';
import { tracingSettings } from './tracing.config.ts';

const traces = section('traces', tracingSettings);

/** What the operator of OpenTelemetry and its collectors put into a process, and what the standard knows besides. */
const FOREIGN = {
  OTEL_RESOURCE_ATTRIBUTES_POD_NAME: 'chat-0',
  OTEL_RESOURCE_ATTRIBUTES_NODE_NAME: 'node-1',
  OTEL_NODE_IP: '10.0.0.1',
  OTEL_POD_IP: '10.1.0.1',
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_LOG_LEVEL: 'info',
  OTEL_PROPAGATORS: 'tracecontext,baggage',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_EXPORTER_OTLP_TIMEOUT: '10000',
  OTEL_EXPORTER_OTLP_INSECURE: 'true',
  OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
  OTEL_EXPORTER_OTLP_CLIENT_KEY: '/key.pem',
  OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=b',
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'a=b',
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
  OTEL_BSP_MAX_QUEUE_SIZE: '1',
  OTEL_SPAN_LINK_COUNT_LIMIT: '128',
  OTEL_CONFIG_FILE: '/otel.yaml',
  OTEL_NODE_RESOURCE_DETECTORS: 'all',
};

it('starts with every variable of OpenTelemetry, also those that it does not read', () => {
  const attributes = 'k8s.container.name=chat,k8s.pod.name=chat-0,service.version=1%2E2';
  const configuration = loadConfig([traces], { ...FOREIGN, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_RESOURCE_ATTRIBUTES: attributes });
  expect(valuesOf(configuration, traces)).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    OTEL_RESOURCE_ATTRIBUTES: { 'k8s.container.name': 'chat', 'k8s.pod.name': 'chat-0', 'service.version': '1.2' },
    OTEL_SDK_DISABLED: false,
  });
});

it.each(['OTEL_EXPORTER_OTLP_ENDPONT', 'OTEL_TRACE_SAMPLER', 'TRACE_CLIENTS'])('refuses %s, which is misspelt or has a prefix of ours', (name) => {
  expect(() => loadConfig([traces], { [name]: '1' })).toThrow(ConfigError);
});
