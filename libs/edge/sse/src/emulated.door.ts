import { isUtf8 } from 'node:buffer';
import { Injectable } from '@nestjs/common';
import { MAX_MESSAGE_BYTES, VecheError } from '@veche/contracts';
import { Doors } from '@veche/edge-realtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DoorRequests, queryOf } from './door-requests.ts';
import { MAX_EMULATION_BYTES, readUplink } from './requests/emulation.rules.ts';
import { StreamOpener } from './stream/stream-opener.ts';
import type { StreamKind } from './stream/stream.transport.ts';

const HTTP_STREAM: StreamKind = { framing: 'line', door: 'http_stream' };
const SSE: StreamKind = { framing: 'sse', door: 'sse' };

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'POST, OPTIONS',
  'Access-Control-Allow-Headers': 'Content-Type, Authorization',
  'Access-Control-Max-Age': '300',
};

/** The Centrifugo protocol where no WebSocket gets through: a stream down, single POSTs up. */
@Injectable()
export class EmulatedDoor {
  constructor(
    private readonly doors: Doors,
    private readonly requests: DoorRequests,
    private readonly opener: StreamOpener,
  ) {}

  mount(scope: FastifyInstance): void {
    scope.post('/connection/http_stream', (request, reply) => this.open(request, reply, HTTP_STREAM, bodyOf(request)));
    scope.post('/connection/sse', (request, reply) => this.open(request, reply, SSE, bodyOf(request)));
    scope.get('/connection/sse', { exposeHeadRoute: false }, (request, reply) => this.open(request, reply, SSE, connectOf(request)));
    scope.post('/emulation', { bodyLimit: MAX_EMULATION_BYTES }, (request, reply) => this.uplink(request, reply));
    for (const path of ['/connection/http_stream', '/connection/sse', '/emulation']) scope.options(path, (_request, reply) => this.preflight(reply));
  }

  private async open(request: FastifyRequest, reply: FastifyReply, kind: StreamKind, connect: Buffer): Promise<FastifyReply> {
    requireJsonV2(request);
    if (!connect.length) throw new VecheError('bad_request', 'the connect command is missing');
    if (!isUtf8(connect)) throw new VecheError('bad_request', 'the connect command is not valid UTF-8');
    const peer = this.requests.peer(request);
    await this.requests.admit(peer);
    const transport = this.opener.transport(request, reply, kind, this.requests.corsHeaders(request));
    await transport.connect(() => this.doors.openV2(transport, peer));
    transport.connection?.frame(connect);
    return reply;
  }

  private async uplink(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { session, data } = readUplink(jsonOf(bodyOf(request)));
    // Newer clients reconnect on 404 and from 500 on; older ones ignore the answer and time out.
    if ((await this.doors.emulate(session, this.requests.peer(request), data)) === 'unknown')
      throw new VecheError('not_found', 'no such session: connect again');
    return reply.code(204).send();
  }

  private preflight(reply: FastifyReply): FastifyReply {
    return reply.code(204).headers(PREFLIGHT).send();
  }
}

const bodyOf = ({ body }: FastifyRequest): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

function connectOf(request: FastifyRequest): Buffer {
  const connect = Buffer.from(queryOf(request).get('cf_connect') ?? '');
  if (connect.length > MAX_MESSAGE_BYTES) throw new VecheError('too_large');
  return connect;
}

function requireJsonV2(request: FastifyRequest): void {
  const query = queryOf(request);
  if (
    query.get('format') === 'protobuf' ||
    query.get('cf_protocol') === 'protobuf' ||
    request.headers['content-type']?.startsWith('application/octet-stream')
  ) {
    throw new VecheError('bad_request', 'Protobuf is not served: use the JSON form of the client');
  }
  if ((query.get('cf_protocol_version') ?? 'v2') !== 'v2') throw new VecheError('bad_request', 'only version v2 of the protocol is served');
}

function jsonOf(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new VecheError('bad_request', 'the body is not valid UTF-8');
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    throw new VecheError('bad_request', 'the body is not valid JSON');
  }
}
