import { Inject, Injectable } from '@nestjs/common';
import { type Jwks, ListKeys } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { SigningKeys } from './signing-keys.ts';

@Injectable()
export class ListKeysHandler {
  constructor(
    @Inject(authConfig.token) private readonly config: Pick<AuthConfig, 'AUTH_ISSUER' | 'AUTH_AUDIENCE'>,
    private readonly keys: SigningKeys,
  ) {}

  @RequestHandler(ListKeys)
  async list(): Promise<Jwks> {
    return { keys: await this.keys.published(), issuer: this.config.AUTH_ISSUER, audience: this.config.AUTH_AUDIENCE };
  }
}
