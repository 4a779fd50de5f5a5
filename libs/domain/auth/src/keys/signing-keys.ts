import { Inject, Injectable } from '@nestjs/common';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { AuthServiceTelemetry } from '../auth.telemetry.ts';
import { currentKey, planRotation, type RotationRule } from './key-rotation.rules.ts';
import { type KeyRow, makeKey, openKey, sealKey, type SigningKey } from './signing-key.ts';
import { SigningKeysRepository } from './signing-keys.repository.ts';

/** Beyond a token's expiry: leeway of clocks, and a session's grace to refresh. */
const AFTERGLOW_MS = 120_000;
const LEAD_MS = 600_000;
/** Keys are read again when they are older; a process that made none learns of the others' long before they sign. */
const FRESH_MS = 60_000;

/** The signing keys that all processes share through the database. */
@Injectable()
export class SigningKeys {
  private keys: readonly SigningKey[] = [];
  private loadedAt = Number.NEGATIVE_INFINITY;
  private loading: Promise<void> | undefined;

  constructor(
    @Inject(authConfig.token) private readonly config: Pick<AuthConfig, 'AUTH_ACCESS_TTL_S' | 'AUTH_KEY_ROTATION_S' | 'AUTH_KEY_SECRET'>,
    private readonly repository: SigningKeysRepository,
    private readonly telemetry: AuthServiceTelemetry,
  ) {}

  /** The key that signs now. Keys in memory go on signing while the database does not answer. */
  async current(): Promise<SigningKey> {
    await this.fresh();
    const key = currentKey(this.keys, Date.now());
    if (!key) throw new Error('there is no signing key');
    return key;
  }

  /** Public halves of all keys that a token may be signed with, now or soon. */
  async published(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    await this.fresh();
    return this.keys.map(({ publicJwk }) => publicJwk);
  }

  /** Makes what is missing, retires what is spent, encrypts what is not yet, and reads the rest. */
  async maintain(): Promise<void> {
    const secret = this.config.AUTH_KEY_SECRET;
    const rows = await this.repository.all();
    const settled = this.isSettled(rows) ? rows : await this.change();
    this.keys = settled.map((row) => openKey(row, secret));
    this.loadedAt = performance.now();
  }

  private async fresh(): Promise<void> {
    if (performance.now() - this.loadedAt < FRESH_MS) return;
    this.loading ??= this.maintain().finally(() => (this.loading = undefined));
    if (this.keys.length === 0) await this.loading;
    else await this.loading.catch(() => undefined);
  }

  private isSettled(rows: readonly KeyRow[]): boolean {
    const { create, retire } = planRotation(rows, Date.now(), this.rule);
    return create.length === 0 && retire.length === 0 && rows.every(({ sealed }) => sealed || this.config.AUTH_KEY_SECRET === undefined);
  }

  /** Decides anew under the lock: another process may have done it meanwhile. */
  private change(): Promise<readonly KeyRow[]> {
    const secret = this.config.AUTH_KEY_SECRET;
    return this.repository.exclusively(async (tx, rows) => {
      const { create, retire } = planRotation(rows, Date.now(), this.rule);
      const kept = rows.filter(({ kid }) => !retire.includes(kid));
      const settled = [...kept.map((row) => sealKey(row, secret)), ...create.map((useFrom) => makeKey(useFrom, secret))];
      for (const row of settled) if (!rows.includes(row)) await this.repository.put(tx, row);
      if (retire.length > 0) await this.repository.remove(tx, retire);
      if (create.length + retire.length > 0) this.telemetry.keysChanged(create.length, retire.length);
      return settled;
    });
  }

  private get rule(): RotationRule {
    return { rotationMs: this.config.AUTH_KEY_ROTATION_S * 1000, leadMs: LEAD_MS, longestTokenMs: this.config.AUTH_ACCESS_TTL_S * 1000 + AFTERGLOW_MS };
  }
}
