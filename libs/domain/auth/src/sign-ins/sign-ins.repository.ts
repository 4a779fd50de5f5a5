import { Injectable } from '@nestjs/common';
import type { User } from '@veche/contracts';
import { Database, type Transaction } from '@veche/platform-postgres';
import type { Chain } from './refresh-token.rules.ts';

export interface SignInRow {
  readonly sid: string;
  readonly user: User;
  readonly chain: Chain;
}

interface FlatRow {
  readonly user_id: string;
  readonly login: string;
  readonly name: string;
  readonly chain_key: Buffer;
  readonly generation: number;
  readonly secret_hash: Buffer;
  readonly age: number;
}

@Injectable()
export class SignInsRepository {
  constructor(private readonly database: Database) {}

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  async insert(tx: Transaction, sid: string, user: string, chain: Pick<Chain, 'key' | 'secretHash'>, ttlSeconds: number): Promise<void> {
    await tx.query({
      name: 'auth-insert-sign-in',
      text: `INSERT INTO sign_in (sid, user_id, chain_key, secret_hash, lives_until) VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
      values: [sid, user, chain.key, chain.secretHash, ttlSeconds],
    });
  }

  /** Locked until the end of the transaction: two refreshes with one token come one after the other. An expired session is absent. */
  async lock(tx: Transaction, sid: string): Promise<SignInRow | undefined> {
    const rows = await tx.query<FlatRow>({
      name: 'auth-lock-sign-in',
      // clock_timestamp, not now: a transaction that waited for the lock began before the one that it waited for.
      text: `SELECT s.user_id, u.login, u.name, s.chain_key, s.generation, s.secret_hash,
          (extract(epoch FROM clock_timestamp() - s.refreshed_at) * 1000)::float8 AS age
        FROM sign_in s JOIN app_user u ON u.id = s.user_id WHERE s.sid = $1 AND s.lives_until > now() FOR UPDATE OF s`,
      values: [sid],
    });
    return rows[0] && fromFlat(sid, rows[0]);
  }

  async advance(tx: Transaction, sid: string, generation: number, secretHash: Buffer, ttlSeconds: number): Promise<void> {
    await tx.query({
      name: 'auth-advance-sign-in',
      text: `UPDATE sign_in SET generation = $2, secret_hash = $3, refreshed_at = clock_timestamp(), lives_until = now() + make_interval(secs => $4) WHERE sid = $1`,
      values: [sid, generation, secretHash, ttlSeconds],
    });
  }

  async remove(tx: Transaction, sid: string): Promise<void> {
    await tx.query({ text: 'DELETE FROM sign_in WHERE sid = $1', values: [sid] });
  }

  /** Sessions that began before a moment (ms). */
  async removeOfUser(tx: Transaction, user: string, begunBefore: number): Promise<void> {
    await tx.query({ text: 'DELETE FROM sign_in WHERE user_id = $1 AND created_at < to_timestamp($2::float8 / 1000)', values: [user, begunBefore] });
  }

  async removeExpired(): Promise<void> {
    await this.database.query({ text: 'DELETE FROM sign_in WHERE sid IN (SELECT sid FROM sign_in WHERE lives_until <= now() LIMIT 5000)' });
  }
}

const fromFlat = (sid: string, row: FlatRow): SignInRow => ({
  sid,
  user: { id: row.user_id, login: row.login, name: row.name },
  chain: { key: row.chain_key, generation: row.generation, secretHash: row.secret_hash, age: row.age },
});
