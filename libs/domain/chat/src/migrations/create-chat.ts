import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Projections of the logs of threads and inboxes: all can be dropped and rebuilt.
 * `thread` is the id of the channel's row; timestamps are milliseconds, the very numbers that events carry.
 *
 * Rows of thread, member, message and reaction are written only under the lock of the thread's channel, rows of
 * read_marker only under that of the reader's inbox: two transactions can never wait for each other here.
 */
export class CreateChat1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [THREAD, MEMBER, MESSAGE, REACTION, READ_MARKER]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE read_marker, reaction, message, member, thread');
  }
}

// Every message updates its thread's row and its sender's: the free space keeps those updates on their page and out of the indexes.
const THREAD = `
  CREATE TABLE thread (
    id bigint PRIMARY KEY,
    name text NOT NULL UNIQUE,
    title text NOT NULL,
    member_count integer NOT NULL,
    last_seq bigint NOT NULL,
    last_number bigint NOT NULL,
    created_ts bigint NOT NULL,
    updated_ts bigint NOT NULL
  ) WITH (fillfactor = 70)`;

// role: place in ROLES, 0 is the owner. read_*: where the member joined or last wrote.
const MEMBER = `
  CREATE TABLE member (
    thread bigint NOT NULL,
    user_id text NOT NULL,
    role smallint NOT NULL,
    read_seq bigint NOT NULL,
    read_number bigint NOT NULL,
    joined_ts bigint NOT NULL,
    PRIMARY KEY (thread, user_id)
  ) WITH (fillfactor = 70);
  CREATE INDEX member_user ON member (user_id, thread);
  CREATE INDEX member_rank ON member (thread, role, user_id)`;

const MESSAGE = `
  CREATE TABLE message (
    id uuid PRIMARY KEY,
    thread bigint NOT NULL,
    seq bigint NOT NULL,
    number bigint NOT NULL,
    actor text NOT NULL,
    command_id text NOT NULL,
    ts bigint NOT NULL,
    text text NOT NULL,
    reply_to uuid,
    attachments json,
    edited_ts bigint,
    deleted boolean NOT NULL DEFAULT false
  );
  CREATE UNIQUE INDEX message_seq ON message (thread, seq)`;

const REACTION = `
  CREATE TABLE reaction (
    message uuid NOT NULL,
    user_id text NOT NULL,
    reaction text NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (message, user_id, reaction)
  )`;

// What the reader said to have read; kept after leaving, so that joining again does not make old messages unread.
const READ_MARKER = `
  CREATE TABLE read_marker (
    user_id text NOT NULL,
    thread bigint NOT NULL,
    seq bigint NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (user_id, thread)
  ) WITH (fillfactor = 70)`;
