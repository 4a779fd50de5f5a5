import 'reflect-metadata';
import { createServer } from 'node:net';
import { Module } from '@nestjs/common';
import { ConfigModule } from '@veche/platform-config';
import { MessagingModule, messagingConfig, rabbitmqConfig } from '@veche/platform-messaging';
import { TelemetryModule, telemetryConfig } from '@veche/platform-telemetry';
import { afterEach, expect, it, vi } from 'vitest';
import { run } from './run.ts';
import { runtimeConfig } from './runtime.config.ts';

afterEach(() => vi.unstubAllEnvs());

/** Nothing listens there. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

it('says what a start waits for, stays alive, and a stop meanwhile is a good end', async () => {
  const port = await closedPort();
  vi.stubEnv('VECHE_PRIVATE_PORT', port);
  vi.stubEnv('RABBITMQ_URL', `amqp://veche:hunter2@127.0.0.1:${await closedPort()}`);
  vi.stubEnv('LOG_LEVEL', 'fatal');
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  class Root {}
  const sections = [runtimeConfig, messagingConfig, rabbitmqConfig, telemetryConfig];
  Module({ imports: [ConfigModule.forRoot(sections), TelemetryModule, MessagingModule.rabbitmq()] })(Root);
  const ended = run(Root, { publicPort: false });
  const ready = await vi.waitFor(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
    const body = await answer.text();
    expect(body).toContain('ECONNREFUSED');
    return { status: answer.status, body: JSON.parse(body) as unknown, secret: body.includes('hunter2') };
  }, 10_000);
  expect(ready).toMatchObject({
    status: 503,
    secret: false,
    body: {
      status: 'error',
      error: { process: { reason: 'starting' }, messaging: { status: 'down', reason: expect.stringContaining('not connected to RabbitMQ') } },
    },
  });
  expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  process.emit('SIGTERM', 'SIGTERM');
  await ended;
  expect(exit).not.toHaveBeenCalled();
  await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
});
