import { VecheError } from '@veche/contracts';
import type { TokensConfig } from './auth.config.ts';
import type { AuthTelemetry } from './auth.telemetry.ts';
import { requireTimely, type TokenTimes } from './claims.rules.ts';
import { type CompactJwt, parseJwt } from './compact-jwt.ts';
import { ANONYMOUS, type Identity, type SubscriptionPass } from './identity.ts';
import { identityOf, passOf } from './identity.rules.ts';
import { InvalidSubscriptionToken } from './invalid-subscription-token.ts';
import { INVALID, type Issuers } from './issuers.ts';
import type { Revocations } from './revocations.ts';
import type { JsonObject } from './strict-json.ts';
import { TokenMemo } from './token-memo.ts';

/** What stays true of a token as long as its key is there. */
interface Accepted {
  readonly identity: Identity;
  readonly times: TokenTimes;
}

/**
 * Decides who a credential says somebody is; the same for every door.
 * With the keys at hand a verification waits for nothing (measured: some 100 µs with an Ed25519 signature, 3 µs when remembered).
 */
export class TokenVerifier {
  private memo: TokenMemo<Accepted>;
  private generation = '';

  constructor(
    private readonly config: Pick<TokensConfig, 'AUTH_LEEWAY_S' | 'AUTH_VERIFIED_TOKENS' | 'CLIENT_ALLOW_ANONYMOUS'>,
    private readonly issuers: Issuers,
    private readonly revocations: Revocations,
    private readonly telemetry: AuthTelemetry,
  ) {
    this.memo = new TokenMemo(config.AUTH_VERIFIED_TOKENS);
  }

  /**
   * The identity of a connection token. Expiry and revocation are looked at each time.
   * @throws VecheError `token_expired`: get a new one · `unauthorized`: terminal · `unavailable`: keys or revocations cannot be had, retry
   */
  async verify(token: string): Promise<Identity> {
    try {
      return await this.check(token);
    } catch (error) {
      this.telemetry.tokenRefused(error);
      throw error;
    }
  }

  /**
   * What a subscription token allows. Only other issuers give such tokens.
   * @param client id of the session, for tokens that name one
   * @throws VecheError `token_expired`: get a new one · `InvalidSubscriptionToken`: not for this channel, user or client, or not valid · `unavailable`
   */
  async verifySubscription(token: string, channel: string, user: string, client?: string): Promise<SubscriptionPass> {
    try {
      return await this.checkSubscription(token, channel, user, client);
    } catch (error) {
      this.telemetry.tokenRefused(error);
      const invalid = error instanceof VecheError && (error.error === 'unauthorized' || error.error === 'permission_denied');
      throw invalid ? new InvalidSubscriptionToken(error.message) : error;
    }
  }

  /** @throws VecheError `unauthorized` unless sessions without a token are allowed */
  anonymous(): Identity {
    if (!this.config.CLIENT_ALLOW_ANONYMOUS) throw new VecheError('unauthorized', 'a token is required; sign in and send it');
    return ANONYMOUS;
  }

  private async check(token: string): Promise<Identity> {
    const { identity, times } = await this.accept(token);
    this.requireTimely(times);
    if (!this.revocations.areKnown) await this.untilRevocationsKnown();
    if (this.revocations.isRevoked(identity) || (await this.revocations.isMarked(identity)))
      throw new VecheError('unauthorized', 'the sign-in session has ended; sign in again');
    return identity;
  }

  private async accept(token: string): Promise<Accepted> {
    const memo = this.currentMemo();
    const key = TokenMemo.keyOf(token);
    const remembered = memo.get(key);
    if (remembered) {
      this.telemetry.tokenRemembered();
      return remembered;
    }
    const { claims } = await this.authenticated(token);
    if (claims['channel'] !== undefined) throw new VecheError('unauthorized', 'this is a token for a subscription; connect with one that has no channel');
    const accepted = { identity: read(() => identityOf(claims)), times: timesOf(claims) };
    this.telemetry.tokenVerified();
    memo.set(key, accepted);
    return accepted;
  }

  private async checkSubscription(token: string, channel: string, user: string, client?: string): Promise<SubscriptionPass> {
    const { claims, own } = await this.authenticated(token);
    if (own || claims['channel'] === undefined)
      throw new VecheError('permission_denied', 'this is a token for a connection; subscribe with one that names the channel');
    this.requireTimely(timesOf(claims));
    if (claims['channel'] !== channel) throw new VecheError('permission_denied', 'the subscription token is for another channel');
    if ((claims['sub'] ?? '') !== user) throw new VecheError('permission_denied', 'the subscription token is for another user');
    if (claims['client'] && claims['client'] !== client) throw new VecheError('permission_denied', 'the subscription token is for another client');
    this.telemetry.tokenVerified();
    return read(() => passOf(channel, claims));
  }

  private async authenticated(token: string): Promise<CompactJwt & { readonly own: boolean }> {
    const jwt = parseJwt(token);
    if (!jwt) throw new VecheError('unauthorized', INVALID);
    const { own } = await this.issuers.authenticate(jwt);
    return { ...jwt, own };
  }

  private requireTimely(times: TokenTimes): void {
    requireTimely(times, Math.floor(Date.now() / 1000), this.config.AUTH_LEEWAY_S);
  }

  private currentMemo(): TokenMemo<Accepted> {
    const generation = this.issuers.generation;
    if (generation !== this.generation) {
      this.memo = new TokenMemo(this.config.AUTH_VERIFIED_TOKENS);
      this.generation = generation;
    }
    return this.memo;
  }

  /** After a start nobody is let in on a token that may have been revoked before it; at most 2 s. */
  private async untilRevocationsKnown(): Promise<void> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => timeout.reject(new VecheError('unavailable', 'revoked tokens are not known yet; try again after a pause')), 2000);
    await Promise.race([this.revocations.known, timeout.promise]).finally(() => clearTimeout(timer));
  }
}

function timesOf({ exp, nbf, iat, expire_at: expireAt }: JsonObject): TokenTimes {
  return {
    ...(typeof exp === 'number' && { exp }),
    ...(typeof nbf === 'number' && { nbf }),
    ...(typeof iat === 'number' && { iat }),
    ...(typeof expireAt === 'number' && { expireAt }),
  };
}

/** Claims of the wrong form in a token that is well signed: its issuer's mistake, said to whoever debugs it. */
function read<T>(reading: () => T): T {
  try {
    return reading();
  } catch (error) {
    throw new VecheError('unauthorized', `the token is not accepted: ${(error as Error).message}`);
  }
}
