import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { User } from '@veche/contracts';
import { SignJWT } from 'jose';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { SigningKeys } from './signing-keys.ts';

/** Makes the JWT that every door takes. */
@Injectable()
export class AccessTokens {
  constructor(
    @Inject(authConfig.token) private readonly config: Pick<AuthConfig, 'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_ACCESS_TTL_S'>,
    private readonly keys: SigningKeys,
  ) {}

  async issue({ id, name }: User, sid: string): Promise<string> {
    const { kid, privateKey } = await this.keys.current();
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: this.config.AUTH_ISSUER,
      aud: this.config.AUTH_AUDIENCE,
      sub: id,
      sid,
      jti: randomUUID(),
      name,
      iat: now,
      exp: now + this.config.AUTH_ACCESS_TTL_S,
    })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
      .sign(privateKey);
  }
}
