/**
 * Health and metrics on a port of their own, up before everything else and down after it: an orchestrator sees a start
 * that takes long, and a stop, for what they are. Depends on nothing that it reports about.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HealthCheckResult } from '@nestjs/terminus';
import type { Metrics } from '@veche/platform-telemetry';
import type { Health } from './health.ts';
import { closeServer, listenOn } from './listen.ts';
import type { ProcessStage } from './stage.ts';

/** What appears once the application has been made. */
export interface Insides {
  readonly health: Health;
  readonly metrics: Metrics;
}

export class PrivateServer {
  private readonly server: Server;
  private insides: Insides | undefined;

  constructor(private readonly stage: ProcessStage) {
    this.server = createServer(
      { headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 75_000 },
      (request, response) => void this.answer(request, response),
    );
  }

  /** @throws Error that names the setting to change when the address is taken or not ours */
  async listen(host: string, port: number): Promise<number> {
    await listenOn(this.server, host, port, 'VECHE_PRIVATE_PORT', 'VECHE_PRIVATE_HOST');
    return (this.server.address() as AddressInfo).port;
  }

  show(insides: Insides): void {
    this.insides = insides;
  }

  async stop(): Promise<void> {
    await closeServer(this.server);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = request.url?.split('?')[0];
      if (path === '/health/live') sendJson(response, 200, { status: 'ok' });
      else if (path === '/health/ready') await this.ready(response);
      else if (path === '/metrics') await this.metrics(response);
      else sendJson(response, 404, { error: 'not found; there are /health/live, /health/ready and /metrics' });
    } catch (error) {
      sendJson(response, 500, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  private async ready(response: ServerResponse): Promise<void> {
    if (this.stage.stopping || !this.insides) return sendJson(response, 503, notReady(this.stage));
    const { status, body } = await this.insides.health.ready();
    if (this.stage.current === 'ready') sendJson(response, status, body);
    // What a start waits for (a broker that is away, a password that is wrong) is said like any other reason.
    else sendJson(response, 503, notReady(this.stage, body));
  }

  private async metrics(response: ServerResponse): Promise<void> {
    if (!this.insides) return sendJson(response, 503, { error: 'starting' });
    const { contentType, body } = await this.insides.metrics.render();
    response.writeHead(200, { 'content-type': contentType }).end(body);
  }
}

function notReady({ current, stopping }: ProcessStage, { info = {}, error = {}, details = {} }: Partial<HealthCheckResult> = {}): HealthCheckResult {
  const down = { process: { status: 'down', reason: current } } as const;
  return { status: stopping ? 'shutting_down' : 'error', info, error: { ...down, ...error }, details: { ...down, ...details } };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}
