import { Inject, Injectable } from '@nestjs/common';
import { CONTROL, CONTROL_CHANNEL, type Control } from '@veche/contracts';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import type { Transaction } from '@veche/platform-postgres';
import { RevokedSessions } from '@veche/platform-redis';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { AuthServiceTelemetry } from '../auth.telemetry.ts';
import { type RevokedNames, RevocationsRepository } from './revocations.repository.ts';

/** Beyond a token's expiry: leeway of clocks, and a session's grace to refresh. */
const AFTERGLOW_MS = 120_000;

/** Two steps, because a signal must not tell of what is not committed: `record` in the transaction, `announce` after it. */
@Injectable()
export class Revocations {
  // allowed: size: a revocation is a row, a mark and a signal
  constructor(
    @Inject(authConfig.token) private readonly config: Pick<AuthConfig, 'AUTH_ACCESS_TTL_S'>,
    @Inject(EVENT_BUS) private readonly events: EventBus,
    private readonly repository: RevocationsRepository,
    private readonly marks: RevokedSessions,
    private readonly telemetry: AuthServiceTelemetry,
  ) {}

  /** @param expiresAt ms since 1970 when the last token that it concerns has expired; default: tokens of our own */
  async record(tx: Transaction, names: RevokedNames, reason: 'sign_out' | 'reuse' | 'request', expiresAt = this.ownExpiry()): Promise<void> {
    await this.repository.insert(tx, names, expiresAt);
    this.telemetry.revoked(reason);
  }

  /**
   * Makes it quick only: gateways that miss the signal pull the row within 5 s. Once this has resolved every process refuses what is revoked
   * when it is shown, unless Redis is away; live sessions end with the signal.
   */
  async announce(names: RevokedNames, expiresAt = this.ownExpiry()): Promise<void> {
    const control: Control = { do: 'revoke', ...names };
    this.events.signal([{ channel: CONTROL_CHANNEL, kind: CONTROL, actor: '', data: JSON.stringify(control), meta: null }]);
    const { sid, jti, user, issued_before: issuedBefore } = names;
    await this.marks.mark({ sid, jti, user, issuedBefore }, expiresAt - Date.now());
  }

  private ownExpiry(): number {
    return Date.now() + this.config.AUTH_ACCESS_TTL_S * 1000 + AFTERGLOW_MS;
  }
}
