import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { MAX_MESSAGE_BYTES } from '@veche/contracts';
import { type DoorsConfig, doorsConfig, endOfRefused, errorAnswer, knownError } from '@veche/edge-realtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpTelemetry } from '../http.telemetry.ts';
import { toWire, type WireAnswer } from './answer.rules.ts';
import { corsHeaders, PREFLIGHT, SECURITY } from './cors.rules.ts';
import type { HttpController, HttpRequest, HttpRoute } from './route.ts';

/** Injection token of the list of controllers. */
export const CONTROLLERS = Symbol('HttpControllers');

/**
 * Mounts the routes of the controllers on the application's Fastify, in a scope of their own: bodies arrive there as bytes
 * (we read them strictly ourselves), and every failure leaves in our form. Nest's pipeline per request is left out on purpose:
 * the routes come from a table, and publications need their bytes as they were sent.
 */
@Injectable()
export class HttpServer implements OnModuleInit {
  constructor(
    private readonly adapter: HttpAdapterHost,
    @Inject(CONTROLLERS) private readonly controllers: readonly HttpController[],
    @Inject(doorsConfig.token) private readonly config: DoorsConfig,
    private readonly telemetry: HttpTelemetry,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.mount(this.adapter.httpAdapter.getInstance<FastifyInstance>());
  }

  async mount(fastify: FastifyInstance): Promise<void> {
    await fastify.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_MESSAGE_BYTES }, (_request, body, done) => done(null, body));
      scope.setErrorHandler((error, request, reply) => this.fail(error, request, reply));
      for (const route of this.controllers.flatMap((controller) => controller.routes())) this.add(scope, route);
      scope.options('/*', (request, reply) => this.send(request, reply, { status: 204, headers: PREFLIGHT, payload: undefined }));
    });
  }

  private add(scope: FastifyInstance, route: HttpRoute): void {
    scope.route({
      method: route.verb,
      url: route.path,
      bodyLimit: MAX_MESSAGE_BYTES,
      handler: async (request, reply) => {
        const answer = await this.telemetry.traced(route, request.headers.traceparent, async () => route.handle(requestOf(request)));
        return this.send(request, reply, toWire(answer, route.verb === 'GET' ? (request.headers['if-none-match'] ?? '') : undefined));
      },
    });
  }

  private send(request: FastifyRequest, reply: FastifyReply, { status, headers, payload }: WireAnswer): FastifyReply {
    const { origin, host } = request.headers;
    this.telemetry.answered(request.routeOptions.url, status, reply.elapsedTime);
    return reply
      .code(status)
      .headers({ ...SECURITY, ...corsHeaders(origin, host, this.config.HTTP_ALLOWED_ORIGINS), ...headers })
      .send(payload);
  }

  private async fail(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!knownError(error)) this.telemetry.failed(request.routeOptions.url, error);
    const { status, headers, body } = errorAnswer(error);
    const ended = await endOfRefused(status, request.raw);
    return this.send(request, reply, { status, headers: { ...headers, ...ended }, payload: JSON.stringify(body) });
  }
}

function requestOf(request: FastifyRequest): HttpRequest {
  const mark = request.raw.url?.indexOf('?') ?? -1;
  return {
    headers: request.headers,
    params: request.params as Record<string, string>,
    query: new URLSearchParams(mark < 0 ? '' : request.raw.url?.slice(mark + 1)),
    body: Buffer.isBuffer(request.body) ? request.body : undefined,
    raw: request.raw,
  };
}
