/** The part of the Kubernetes API that a steward uses, and pods that answer on addresses of the loopback network. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@veche/testing';

export interface FakePod {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  annotations: Record<string, string>;
  terminating: boolean;
  sessions: number;
  answers: boolean;
}

export class FakeKubernetes {
  readonly pods: FakePod[] = [];
  readonly patches: { readonly pod: string; readonly annotations: Record<string, string> }[] = [];
  /** Answered instead of everything. */
  refusal: number | undefined;
  looks = 0;
  /** Requests with a token that is not good, or refused. */
  refused = 0;
  private token = '';
  readonly credentials = mkdtempSync(join(tmpdir(), 'veche-service-account-'));
  private readonly servers: Server[] = [];
  private api!: Server;

  private constructor(readonly port: number) {}

  static async start(): Promise<FakeKubernetes> {
    const made = new FakeKubernetes(await freePort());
    made.rotate('the first token');
    writeFileSync(join(made.credentials, 'namespace'), 'chat\n');
    made.api = await made.listen('127.0.0.1', 0, (request) => made.answer(request));
    return made;
  }

  get server(): string {
    return `http://127.0.0.1:${(this.api.address() as AddressInfo).port}`;
  }

  /** As the kubelet does: from now on only this token is good. */
  rotate(token: string): void {
    this.token = token;
    writeFileSync(join(this.credentials, 'token'), token);
  }

  async pod(name: string, sessions: number, component = 'websocket'): Promise<FakePod> {
    const address = `127.0.0.${this.pods.length + 2}`;
    const labels = { 'app.kubernetes.io/name': 'veche', 'app.kubernetes.io/component': component };
    const pod: FakePod = { name, labels, address, annotations: {}, terminating: false, sessions, answers: true };
    this.pods.push(pod);
    await this.listen(address, this.port, async () => (pod.answers ? [200, metricsOf(pod)] : [503, 'starting']));
    return pod;
  }

  async stop(): Promise<void> {
    rmSync(this.credentials, { recursive: true });
    await Promise.all(
      this.servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }

  private async answer(request: IncomingMessage): Promise<[number, string]> {
    const url = new URL(request.url ?? '/', 'http://api');
    const refusal = request.headers.authorization === `Bearer ${this.token}` ? this.refusal : 401;
    if (refusal !== undefined) {
      this.refused++;
      return [refusal, '{"message":"forbidden"}'];
    }
    if (request.method === 'GET' && url.pathname === '/api/v1/namespaces/chat/pods') return [200, this.list(url.searchParams)];
    const pod = this.pods.find(({ name }) => url.pathname === `/api/v1/namespaces/chat/pods/${name}`);
    if (request.method !== 'PATCH' || request.headers['content-type'] !== 'application/merge-patch+json') return [415, '{}'];
    return pod ? this.patch(pod, await bodyOf(request)) : [404, '{"message":"not found"}'];
  }

  private list(query: URLSearchParams): string {
    this.looks++;
    const components = /^app\.kubernetes\.io\/name=veche,app\.kubernetes\.io\/component in \((.*)\)$/.exec(query.get('labelSelector') ?? '')?.[1]?.split(',');
    const found = this.pods.filter(({ labels }) => components?.includes(labels['app.kubernetes.io/component']!));
    const items = found.map(({ name, annotations, terminating, address }) => ({
      metadata: { name, annotations, ...(terminating && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
      status: { podIP: address, phase: 'Running' },
    }));
    return JSON.stringify({ kind: 'PodList', items });
  }

  private patch(pod: FakePod, body: string): [number, string] {
    const { metadata } = JSON.parse(body) as { metadata: { annotations: Record<string, string> } };
    Object.assign(pod.annotations, metadata.annotations);
    this.patches.push({ pod: pod.name, annotations: metadata.annotations });
    return [200, '{}'];
  }

  private async listen(host: string, port: number, answer: (request: IncomingMessage) => Promise<[number, string]>): Promise<Server> {
    const server = createServer((request, response) => {
      void answer(request).then(([status, text]) => response.writeHead(status).end(text));
    });
    this.servers.push(server);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    return server;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part as string;
  return text;
}

const metricsOf = ({ sessions }: FakePod): string =>
  `# TYPE veche_ws_connections_active gauge\nveche_ws_connections_active{server_id="x"} ${sessions - 1}\nveche_sse_connections_active{server_id="x"} 1\n`;
