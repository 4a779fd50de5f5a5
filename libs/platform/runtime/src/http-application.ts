/** The HTTP side of the process: Fastify with our bounds, errors in our form. */
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { MAX_MESSAGE_BYTES } from '@veche/contracts';
import type { FastifyReply } from 'fastify';
import { errorBody, REFUSAL_HEADERS, refuseClient, SECURITY_HEADERS } from './http-errors.ts';
import type { RuntimeConfig } from './runtime.config.ts';
import type { ProcessStage } from './stage.ts';

/** Percent-encoded, a channel name may take three times its 128 bytes. */
const MAX_PARAM_CHARS = 400;

export function httpAdapter(config: RuntimeConfig, stage: ProcessStage): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_MESSAGE_BYTES,
    requestTimeout: config.VECHE_REQUEST_TIMEOUT_MS,
    keepAliveTimeout: config.VECHE_KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
    // Node looks for late requests every 30 s unless told otherwise, which would make 10 s of patience into 40.
    http: {
      headersTimeout: config.VECHE_HEADERS_TIMEOUT_MS,
      maxHeaderSize: config.VECHE_HEADER_BYTES,
      connectionsCheckingInterval: Math.min(1000, config.VECHE_HEADERS_TIMEOUT_MS),
    },
    // Sessions have been told to move by then; what still holds a connection is not to hold the process.
    forceCloseConnections: true,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => refuseClient(error, socket),
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) =>
      void reply
        .code(400)
        .headers(REFUSAL_HEADERS)
        .send(JSON.stringify(errorBody('bad_request', 'the address is malformed'))),
  });
  // Before any route: a door that says otherwise (the page and its scripts) replaces them.
  adapter.getInstance().addHook('onRequest', (_request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    // A proxy keeps connections for later requests: what is sent on one that is being closed is lost, and it does not repeat a POST.
    if (stage.stopping) reply.header('connection', 'close');
    done();
  });
  return adapter;
}
