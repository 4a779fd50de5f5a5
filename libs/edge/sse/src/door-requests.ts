import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { Credentials, type DoorsConfig, doorsConfig, isOriginAllowed, Limits, type Peer, peerOf } from '@veche/edge-realtime';
import type { FastifyRequest } from 'fastify';

/** What every stream door asks of a request before it opens anything. */
@Injectable()
export class DoorRequests {
  constructor(
    private readonly credentials: Credentials,
    private readonly limits: Limits,
    @Inject(doorsConfig.token) private readonly config: DoorsConfig,
  ) {}

  /** @throws VecheError `permission_denied` for a page of an origin that is not listed */
  checkOrigin({ headers: { origin, host } }: FastifyRequest): void {
    if (!isOriginAllowed(origin, host, this.config.HTTP_ALLOWED_ORIGINS))
      throw new VecheError('permission_denied', 'this origin is not in HTTP_ALLOWED_ORIGINS');
  }

  peer(request: FastifyRequest): Peer {
    return peerOf(request.raw, this.config);
  }

  /** Counts a stream that is to be opened. @throws VecheError `too_many_requests` with the wait */
  async countHandshake({ address }: Peer): Promise<void> {
    const { ok, retryAfterMs } = await this.limits.handshake(address);
    if (!ok) throw new VecheError('too_many_requests', 'too many connections from this address: wait as long as retry_after says', [], retryAfterMs);
  }

  token(request: FastifyRequest): Promise<string | undefined> {
    return this.credentials.tokenOf(request.raw, queryOf(request));
  }

  /** What a page of another origin may read; the origin has been checked. */
  corsHeaders({ headers: { origin } }: FastifyRequest): Readonly<Record<string, string>> {
    if (origin === undefined) return { Vary: 'Origin' };
    const credentials = this.config.DOORS_TOKEN_COOKIE !== '' && !this.config.HTTP_ALLOWED_ORIGINS.includes('*');
    return { Vary: 'Origin', 'Access-Control-Allow-Origin': origin, ...(credentials && { 'Access-Control-Allow-Credentials': 'true' }) };
  }
}

export function queryOf({ raw: { url = '' } }: FastifyRequest): URLSearchParams {
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}
