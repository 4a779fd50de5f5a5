import { Injectable } from '@nestjs/common';
import { type DataOf, RevokeTokens } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { SignInsRepository } from '../sign-ins/sign-ins.repository.ts';
import type { RevokedNames } from './revocations.repository.ts';
import { Revocations } from './revocations.service.ts';

/** How long tokens of other issuers may live when nobody says. */
const DEFAULT_MS = 2_592_000_000;

@Injectable()
export class RevokeTokensHandler {
  constructor(
    private readonly database: Database,
    private readonly signIns: SignInsRepository,
    private readonly revocations: Revocations,
  ) {}

  @RequestHandler(RevokeTokens)
  async revoke({
    sid,
    jti,
    user,
    issued_before: issuedBefore = Date.now(),
    expires_at: expiresAt = Date.now() + DEFAULT_MS,
  }: DataOf<typeof RevokeTokens>): Promise<Record<string, never>> {
    const names: RevokedNames = {
      ...(sid !== undefined && { sid }),
      ...(jti !== undefined && { jti }),
      ...(user !== undefined && { user, issued_before: issuedBefore }),
    };
    await this.database.transaction(async (tx) => {
      // Else the refresh tokens would give new access tokens at once.
      if (sid !== undefined) await this.signIns.remove(tx, sid);
      if (user !== undefined) await this.signIns.removeOfUser(tx, user, issuedBefore);
      await this.revocations.record(tx, names, 'request', expiresAt);
    });
    await this.revocations.announce(names, expiresAt);
    return {};
  }
}
