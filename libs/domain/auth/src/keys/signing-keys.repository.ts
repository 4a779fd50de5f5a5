import { Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '@veche/platform-postgres';
import { KEYS_LOCK } from '../advisory-lock.ts';
import type { KeyRow } from './signing-key.ts';

@Injectable()
export class SigningKeysRepository {
  constructor(private readonly database: Database) {}

  all(): Promise<readonly KeyRow[]> {
    return readAll(this.database);
  }

  /** Runs `change` while no other process changes keys, with the rows as they are then. */
  exclusively<T>(change: (tx: Transaction, rows: readonly KeyRow[]) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query(KEYS_LOCK);
      return change(tx, await readAll(tx));
    });
  }

  /** Also replaces the private part of a row that is there. */
  async put(tx: Transaction, { kid, useFrom, publicJwk, privateKey, sealed }: KeyRow): Promise<void> {
    await tx.query({
      text: `INSERT INTO signing_key (kid, use_from, public_jwk, private_key, sealed) VALUES ($1, to_timestamp($2::float8 / 1000), $3, $4, $5)
        ON CONFLICT (kid) DO UPDATE SET private_key = excluded.private_key, sealed = excluded.sealed`,
      values: [kid, useFrom, JSON.stringify(publicJwk), privateKey, sealed],
    });
  }

  async remove(tx: Transaction, kids: readonly string[]): Promise<void> {
    await tx.query({ text: 'DELETE FROM signing_key WHERE kid = ANY($1::text[])', values: [kids] });
  }
}

const readAll = (database: Queryable): Promise<readonly KeyRow[]> =>
  database.query<KeyRow>({
    text: `SELECT kid, (extract(epoch FROM use_from) * 1000)::float8 AS "useFrom", public_jwk AS "publicJwk", private_key AS "privateKey", sealed FROM signing_key ORDER BY use_from`,
  });
