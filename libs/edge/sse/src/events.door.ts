import { Injectable } from '@nestjs/common';
import { ERRORS, VecheError } from '@veche/contracts';
import { Doors, errorAnswer, type StreamRequest } from '@veche/edge-realtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DoorRequests, queryOf } from './door-requests.ts';
import { PollLimit } from './poll-limit.ts';
import { limitOf, pollAnswer } from './requests/poll-page.rules.ts';
import { channelsOf, positionOf, streamRequests } from './requests/stream-requests.rules.ts';
import { StreamOpener } from './stream/stream-opener.ts';
import type { StreamKind } from './stream/stream.transport.ts';

const EVENT_SOURCE: StreamKind = { framing: 'sse', door: 'event_source' };

/** Events for clients without any SDK: an EventSource, or a poll of the same address. */
@Injectable()
export class EventsDoor {
  constructor(
    private readonly doors: Doors,
    private readonly requests: DoorRequests,
    private readonly opener: StreamOpener,
    private readonly polls: PollLimit,
  ) {}

  mount(scope: FastifyInstance): void {
    scope.get('/realtime/events', { exposeHeadRoute: false }, (request, reply) => this.serve(request, reply, 'channel'));
    scope.get('/chat/events', { exposeHeadRoute: false }, (request, reply) => this.serve(request, reply, 'thread_id'));
  }

  private async serve(request: FastifyRequest, reply: FastifyReply, key: 'channel' | 'thread_id'): Promise<FastifyReply> {
    const channels = channelsOf(queryOf(request), key);
    const poll = wantsJson(request.headers.accept);
    const after = positionOf({
      lastEventId: headerOf(request, 'last-event-id'),
      query: queryOf(request),
      ...(poll && { ifNoneMatch: request.headers['if-none-match'] }),
    });
    const asked = streamRequests({ channels, after });
    return poll ? this.poll(request, reply, asked) : this.stream(request, reply, asked);
  }

  /** Headers leave only once the core has let the client in, so that a refusal is an ordinary answer. */
  private async stream(request: FastifyRequest, reply: FastifyReply, asked: readonly StreamRequest[]): Promise<FastifyReply> {
    try {
      const peer = this.requests.peer(request);
      await this.requests.admit(peer);
      const token = await this.requests.token(request);
      const transport = this.opener.transport(request, reply, EVENT_SOURCE, this.requests.corsHeaders(request));
      await transport.connect(() => this.doors.openStream(transport, peer, token, asked));
      return reply;
    } catch (error) {
      if (!wantsEventStream(request.headers.accept) || !isRetryable(error)) throw error;
      return reply.code(200).headers(COME_BACK).send(comeBack(error));
    }
  }

  private async poll(request: FastifyRequest, reply: FastifyReply, asked: readonly StreamRequest[]): Promise<FastifyReply> {
    const limit = limitOf(queryOf(request).get('limit'));
    const peer = this.requests.peer(request);
    const token = await this.requests.token(request);
    const takeBack = await this.polls.count(token ?? peer.address);
    const { etag, body, isEmpty, more } = pollAnswer(await this.doors.poll(peer, token, asked), limit);
    if (more) await takeBack();
    reply.headers({ Vary: 'Origin, Accept', ETag: etag, 'Cache-Control': 'private, no-store' });
    if (isEmpty && matchesTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.code(200).header('Content-Type', 'application/json; charset=utf-8').send(body);
  }
}

const wantsEventStream = (accept = ''): boolean => accept.includes('text/event-stream');

const isRetryable = (error: unknown): error is VecheError => error instanceof VecheError && ERRORS[error.error].retryable;

const COME_BACK = { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store, no-transform' };

/**
 * An EventSource gives up for good on any status but 200, so what passes by itself (429, 503) must not be one:
 * it is told when to come back, each a little later than the last, and to which error.
 */
function comeBack(error: VecheError): string {
  const wait = Math.ceil((error.retryAfterMs ?? 1_000) * (1 + Math.random() / 2));
  return `retry: ${wait}\nevent: refused\ndata: ${JSON.stringify(errorAnswer(error).body)}\n\n`;
}

/** An EventSource asks for text/event-stream; curl without a wish gets the stream too. */
const wantsJson = (accept = ''): boolean => accept.includes('application/json') && !wantsEventStream(accept);

const matchesTag = (ifNoneMatch: string | undefined, etag: string): boolean => ifNoneMatch !== undefined && ifNoneMatch.trim().replace(/^W\//, '') === etag;

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
