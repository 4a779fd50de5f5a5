/** Whose token it is and which key has to fit: our own service's, or another issuer's by shared secret or key set. */
import { VecheError } from '@veche/contracts';
import type { TokensConfig } from './auth.config.ts';
import { type ClaimPolicy, foreignPolicy, ownPolicy, problemOf } from './claims.rules.ts';
import type { CompactJwt } from './compact-jwt.ts';
import type { KeyRing } from './key-ring.ts';
import { secretKey, type VerificationKey } from './verification-key.ts';

export interface Issuer {
  readonly own: boolean;
  readonly policy: ClaimPolicy;
}

export const INVALID = 'the token is not valid; sign in again and send the new one';

export class Issuers {
  private readonly secret: VerificationKey | undefined;
  private readonly foreign: Issuer;

  constructor(
    config: Partial<Pick<TokensConfig, 'AUTH_HMAC_SECRET' | 'AUTH_FOREIGN_ISSUER' | 'AUTH_FOREIGN_AUDIENCE'>>,
    private readonly ownKeys: KeyRing,
    private readonly foreignKeys: KeyRing | undefined,
  ) {
    this.secret = config.AUTH_HMAC_SECRET === undefined ? undefined : secretKey(config.AUTH_HMAC_SECRET);
    this.foreign = { own: false, policy: foreignPolicy(config.AUTH_FOREIGN_ISSUER, config.AUTH_FOREIGN_AUDIENCE) };
  }

  /** Has keys fetched that were never had or are old, without waiting. */
  askForKeys(): void {
    void this.ownKeys.current;
    void this.foreignKeys?.current;
  }

  /** Changes when keys change: signatures found good before count no more. Also asks for fresh keys when they are old. */
  get generation(): string {
    this.askForKeys();
    return `${this.ownKeys.generation}.${this.foreignKeys?.generation ?? 0}`;
  }

  /**
   * The issuer whose key has signed the token and whose form it has. Waits only when a key has to be fetched.
   * @throws VecheError `unauthorized`, or `unavailable` when the key cannot be had now
   */
  async authenticate(jwt: CompactJwt): Promise<Issuer> {
    const { issuer, key } = await this.keyFor(jwt);
    if (!key?.algorithms.includes(jwt.header.alg) || !key.verifies(jwt)) throw new VecheError('unauthorized', INVALID);
    // Only now, so that a forger learns nothing from the reason.
    const problem = problemOf(jwt, issuer.policy);
    if (problem !== undefined) throw new VecheError('unauthorized', `the token is not accepted: ${problem}`);
    return issuer;
  }

  private async keyFor(jwt: CompactJwt): Promise<{ readonly issuer: Issuer; readonly key: VerificationKey | undefined }> {
    const { header, claims } = jwt;
    if (header.alg.startsWith('HS')) return { issuer: this.foreign, key: this.secret };
    const { issuer, audience } = this.ownKeys.current ?? (await this.ownKeys.loaded());
    if (issuer !== undefined && claims['iss'] === issuer) {
      // Without a kid nothing says which of our keys it was.
      const key = header.kid === undefined ? undefined : (this.ownKeys.find(header) ?? (await this.ownKeys.fetch(header)));
      return { issuer: { own: true, policy: ownPolicy(issuer, audience ?? '') }, key };
    }
    return { issuer: this.foreign, key: this.foreignKeys && (this.foreignKeys.find(header) ?? (await this.foreignKeys.fetch(header))) };
  }
}
