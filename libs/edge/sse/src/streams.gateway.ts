import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { MAX_MESSAGE_BYTES } from '@veche/contracts';
import { endOfRefused, errorAnswer, knownError } from '@veche/edge-realtime';
import type { FastifyInstance } from 'fastify';
import { DoorRequests } from './door-requests.ts';
import { EmulatedDoor } from './emulated.door.ts';
import { EventsDoor } from './events.door.ts';
import { SseTelemetry } from './sse.telemetry.ts';

/**
 * Mounts the stream doors on the application's Fastify, in a scope of their own: bodies arrive as bytes, origins are checked before
 * anything else, errors leave in our form.
 */
@Injectable()
export class StreamsGateway implements OnModuleInit {
  // allowed: size: the server, its two doors, and what both share
  constructor(
    private readonly adapter: HttpAdapterHost,
    private readonly emulated: EmulatedDoor,
    private readonly events: EventsDoor,
    private readonly requests: DoorRequests,
    private readonly telemetry: SseTelemetry,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.mount(this.adapter.httpAdapter.getInstance<FastifyInstance>());
  }

  async mount(fastify: FastifyInstance): Promise<void> {
    await fastify.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_MESSAGE_BYTES }, (_request, body, done) => done(null, body));
      scope.addHook('onRequest', async (request, reply) => {
        reply.headers({ 'X-Content-Type-Options': 'nosniff', Vary: 'Origin' });
        this.requests.checkOrigin(request);
        reply.headers(this.requests.corsHeaders(request));
      });
      scope.setErrorHandler(async (error, request, reply) => {
        if (!knownError(error)) this.telemetry.failed(request.routeOptions.url, error);
        const { status, headers, body } = errorAnswer(error);
        const ended = await endOfRefused(status, request.raw);
        return reply
          .code(status)
          .headers({ ...headers, ...ended })
          .send(JSON.stringify(body));
      });
      this.emulated.mount(scope);
      this.events.mount(scope);
    });
  }
}
