/** Answers every query with one number that a test sets: what a scaler does with an answer is shown, not how Prometheus finds it. */
import type { Namespace } from './namespace.ts';
import { nodeIn } from './pods.ts';

const NAME = 'stand-in-prometheus';
const PORT = 9090;

const SERVER = `
import { createServer } from 'node:http';
let value = '0';
createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://here');
  if (request.method === 'PUT') value = pathname.slice(1);
  const result = [{ metric: {}, value: [Date.now() / 1000, value] }];
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
}).listen(${PORT});
`;

export class StandInPrometheus {
  private constructor(private readonly namespace: Namespace) {}

  static async start(namespace: Namespace, image: string): Promise<StandInPrometheus> {
    const labels = { app: NAME };
    await namespace.apply(
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: NAME, labels }, spec: podSpec(image) },
      { apiVersion: 'v1', kind: 'Service', metadata: { name: NAME }, spec: { selector: labels, ports: [{ port: PORT }] } },
    );
    await namespace.until('Ready', `pod/${NAME}`, 60);
    return new StandInPrometheus(namespace);
  }

  get address(): string {
    return `http://${NAME}.${this.namespace.name}:${PORT}`;
  }

  async answer(value: number): Promise<void> {
    await nodeIn(this.namespace, NAME, `await fetch('http://127.0.0.1:${PORT}/${value}', { method: 'PUT' })`);
  }
}

const podSpec = (image: string): Readonly<Record<string, unknown>> => ({
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: NAME,
      image,
      command: ['node', '--input-type=module', '--eval', SERVER],
      readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '64Mi' } },
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    },
  ],
});
