import { Injectable } from '@nestjs/common';
import type { Revocation } from '@veche/contracts';
import { Database, type Transaction } from '@veche/platform-postgres';
import { REVOCATIONS_LOCK } from '../advisory-lock.ts';

/** Exactly one of `sid`, `jti`, or `user` with `issued_before` (ms); a `user` beside a `sid` says whose it is. */
export interface RevokedNames {
  readonly sid?: string;
  readonly jti?: string;
  readonly user?: string;
  readonly issued_before?: number;
}

const PAGE = 1000;

@Injectable()
export class RevocationsRepository {
  constructor(private readonly database: Database) {}

  async insert(tx: Transaction, { sid, jti, user, issued_before: issuedBefore }: RevokedNames, expiresAt: number): Promise<void> {
    await tx.query(REVOCATIONS_LOCK);
    await tx.query({
      name: 'auth-insert-revocation',
      text: 'INSERT INTO revocation (sid, jti, user_id, issued_before, expires_at) VALUES ($1, $2, $3, $4, to_timestamp($5::float8 / 1000))',
      values: [sid ?? null, jti ?? null, user ?? null, issuedBefore ?? null, expiresAt],
    });
  }

  async after(seq: number): Promise<readonly Revocation[]> {
    return this.database.query<Revocation>({
      name: 'auth-revocations-after',
      text: `SELECT seq, sid, jti, user_id AS "user", issued_before, floor(extract(epoch FROM expires_at) * 1000)::bigint AS expires_at
        FROM revocation WHERE seq > $1 AND expires_at > now() ORDER BY seq LIMIT ${PAGE}`,
      values: [seq],
    });
  }

  /** The highest number ever given; lower than before only when the database was set back. */
  async top(): Promise<number> {
    const rows = await this.database.query<{ last_value: number }>({ name: 'auth-revocations-top', text: 'SELECT last_value FROM revocation_seq_seq' });
    return Number(rows[0]?.last_value ?? 0);
  }

  async removeExpired(): Promise<void> {
    await this.database.query({ text: 'DELETE FROM revocation WHERE expires_at <= now()' });
  }
}
