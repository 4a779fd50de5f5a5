import { Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { bearerOf, type Identity, RequestLimit, TokenVerifier } from '@veche/edge-realtime';
import type { HttpRequest } from './route.ts';

/** Lets signed-in users in, and not too often. */
@Injectable()
export class Visitors {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly limit: RequestLimit,
  ) {}

  /**
   * The user of the bearer token, with this request counted.
   * @throws VecheError `unauthorized`, `token_expired`, `too_many_requests`, `unavailable`
   */
  async admit(request: HttpRequest): Promise<Identity> {
    const token = bearerOf(request.raw);
    if (token === undefined) throw new VecheError('unauthorized', 'send the access token as "Authorization: Bearer …"; POST /auth/token gives one');
    const identity = await this.verifier.verify(token);
    if (!identity.user) throw new VecheError('unauthorized', 'this token names no user');
    await this.limit.count(`rest ${identity.user}`);
    return identity;
  }
}
