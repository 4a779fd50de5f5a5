import { Injectable } from '@nestjs/common';
import type { User } from '@veche/contracts';
import { Database, type Transaction } from '@veche/platform-postgres';

export interface StoredUser extends User {
  /** argon2id in its text form. */
  readonly password: string;
}

/** Users of one search by prefix. */
const PREFIX_LIMIT = 50;

@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  /** False if the login is taken. */
  async insert(tx: Transaction, { id, login, name, password }: StoredUser): Promise<boolean> {
    const rows = await tx.query({
      name: 'auth-insert-user',
      text: 'INSERT INTO app_user (id, login, name, folded_name, password) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id',
      values: [id, login, name, fold(name), password],
    });
    return rows.length === 1;
  }

  async byLogin(login: string): Promise<StoredUser | undefined> {
    const rows = await this.database.query<StoredUser>({
      name: 'auth-user-by-login',
      text: 'SELECT id, login, name, password FROM app_user WHERE login = $1',
      values: [login],
    });
    return rows[0];
  }

  /** Only if the hash is still the one that was just proved: a password changed meanwhile must win. */
  async replacePassword(id: string, proved: string, password: string): Promise<void> {
    await this.database.query({ text: 'UPDATE app_user SET password = $3 WHERE id = $1 AND password = $2', values: [id, proved, password] });
  }

  /** From the primary: a user who has just registered must be found. */
  async find(ids: readonly string[], logins: readonly string[], prefix: string | undefined): Promise<readonly User[]> {
    const named = await this.database.query<User>({
      name: 'auth-find-users',
      text: 'SELECT id, login, name FROM app_user WHERE id = ANY($1::text[]) UNION SELECT id, login, name FROM app_user WHERE login = ANY($2::text[])',
      values: [ids, logins],
    });
    if (!prefix) return named;
    const begun = await this.database.query<User>({
      name: 'auth-users-by-prefix',
      text: `(SELECT id, login, name FROM app_user WHERE login LIKE $1 ORDER BY login LIMIT ${PREFIX_LIMIT})
        UNION (SELECT id, login, name FROM app_user WHERE folded_name LIKE $1 ORDER BY folded_name LIMIT ${PREFIX_LIMIT})
        ORDER BY login LIMIT ${PREFIX_LIMIT}`,
      values: [`${fold(prefix).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`],
    });
    return [...new Map([...named, ...begun].map((user) => [user.id, user])).values()];
  }
}

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
