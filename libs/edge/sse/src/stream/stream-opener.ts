import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type SseConfig, sseConfig } from '../sse.config.ts';
import { SseTelemetry } from '../sse.telemetry.ts';
import { streamHead } from './head.ts';
import { releaseWorks } from './parser-release.ts';
import { type StreamKind, StreamTransport } from './stream.transport.ts';

/** Takes the socket of a request and begins a response on it that does not end. */
@Injectable()
export class StreamOpener implements OnModuleInit {
  private release = false;

  constructor(
    @Inject(sseConfig.token) private readonly config: Pick<SseConfig, 'STREAMS_RELEASE_PARSER'>,
    private readonly telemetry: SseTelemetry,
  ) {}

  async onModuleInit(): Promise<void> {
    this.release = this.config.STREAMS_RELEASE_PARSER && (await releaseWorks());
    if (this.config.STREAMS_RELEASE_PARSER && !this.release) this.telemetry.parserKept();
  }

  /**
   * The head leaves with the first byte, or when the transport is told to begin: a refusal before it is an ordinary answer.
   * @throws VecheError `bad_request` for a second stream on one socket
   */
  transport(request: FastifyRequest, reply: FastifyReply, kind: StreamKind, headers: Readonly<Record<string, string>>): StreamTransport {
    const transport = StreamTransport.on(request.raw.socket, kind);
    if (!transport) throw new VecheError('bad_request', 'a stream is open on this connection already');
    transport.beforeOpening(() => this.start(transport, request, reply, headers));
    return transport;
  }

  private start(transport: StreamTransport, request: FastifyRequest, reply: FastifyReply, headers: Readonly<Record<string, string>>): void {
    reply.hijack();
    const type = transport.framing === 'line' ? 'application/json; charset=utf-8' : 'text/event-stream; charset=utf-8';
    transport.open(streamHead(type, headers));
    // In a later turn: the parser that brought the request is still on the stack.
    if (this.release) setImmediate(() => transport.release(request.raw, reply.raw));
  }
}
