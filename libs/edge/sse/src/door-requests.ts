import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { Credentials, type DoorsConfig, doorsConfig, Entrance, isOriginAllowed, type Peer, peerOf } from '@veche/edge-realtime';
import type { FastifyRequest } from 'fastify';

/** What every stream door asks of a request before it opens anything. */
@Injectable()
export class DoorRequests {
  constructor(
    private readonly credentials: Credentials,
    @Inject(Entrance) private readonly entrance: Pick<Entrance, 'admit'>,
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

  /** Before a stream is opened. @throws VecheError `unavailable` or `too_many_requests` with the wait */
  admit({ address }: Peer): Promise<void> {
    return this.entrance.admit(address);
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
