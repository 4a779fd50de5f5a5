import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, sign-in sessions, revocations, signing keys, tickets. */
export class CreateAuth1763900000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // C collation: a prefix search can use the index whatever the locale of the database is.
    await runner.query(`CREATE TABLE app_user (
      id text COLLATE "C" PRIMARY KEY,
      login text COLLATE "C" NOT NULL UNIQUE,
      name text NOT NULL,
      folded_name text COLLATE "C" NOT NULL,
      password text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
    // Folded by us: what lower() makes of letters beyond ASCII depends on the locale of the database.
    await runner.query('CREATE INDEX app_user_folded_name ON app_user (folded_name)');
    // One row a sign-in session whatever the number of refreshes; room on the page keeps the updates off the indexes.
    await runner.query(`CREATE TABLE sign_in (
      sid text COLLATE "C" PRIMARY KEY,
      user_id text COLLATE "C" NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
      chain_key bytea NOT NULL,
      generation integer NOT NULL DEFAULT 0,
      secret_hash bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      refreshed_at timestamptz NOT NULL DEFAULT now(),
      lives_until timestamptz NOT NULL
    ) WITH (fillfactor = 80)`);
    await runner.query('CREATE INDEX sign_in_user ON sign_in (user_id)');
    await runner.query(`CREATE TABLE revocation (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      sid text,
      jti text,
      user_id text,
      issued_before bigint,
      expires_at timestamptz NOT NULL
    )`);
    await runner.query(`CREATE TABLE signing_key (
      kid text COLLATE "C" PRIMARY KEY,
      use_from timestamptz NOT NULL,
      public_jwk json NOT NULL,
      private_key bytea NOT NULL,
      sealed boolean NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
    // Unlogged: a ticket lives 30 s, and a client whose ticket a crash has emptied asks for another.
    await runner.query(`CREATE UNLOGGED TABLE ticket (
      hash bytea PRIMARY KEY,
      sealed_token bytea NOT NULL,
      origin text,
      expires_at timestamptz NOT NULL
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['ticket', 'signing_key', 'revocation', 'sign_in', 'app_user']) await runner.query(`DROP TABLE ${table}`);
  }
}
