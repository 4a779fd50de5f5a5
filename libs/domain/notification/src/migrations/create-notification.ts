import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Two halves. What the service follows (cursor, thread, member, due) is written by the followers, under the lock of the cursor's row.
 * What a person has (notice, inbox, mute) is written by the owner loop alone, under the lock of their `user:<id>`, and is folded from its log.
 */
export class CreateNotification1764600000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [CURSOR, START, THREAD, MEMBER, DUE, NOTICE, INBOX, MUTE]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notice_mute, notice_inbox, notice, notice_due, notice_member, notice_thread, notice_cursor');
  }
}

// What has been followed of each log. Events up to `past` were there before notices were: they say who is in a thread and notify nobody.
// attempt, retry_at: the event behind `seq` could not be followed; the gate is shut until then.
const CURSOR = `
  CREATE TABLE notice_cursor (
    channel text COLLATE "C" PRIMARY KEY,
    epoch text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    past bigint NOT NULL DEFAULT 0,
    attempt integer NOT NULL DEFAULT 0,
    retry_at timestamptz
  ) WITH (fillfactor = 70);
  CREATE INDEX notice_cursor_gate ON notice_cursor (retry_at) WHERE retry_at IS NOT NULL`;

// A thread's history is read when the thread moves again; of an inbox only what is read from now on matters.
const START = `
  INSERT INTO notice_cursor (channel, epoch, seq, past)
  SELECT name, epoch, CASE WHEN name LIKE 'user:%' THEN last_seq ELSE 0 END, last_seq
  FROM channel WHERE (name LIKE 'thread:%' OR name LIKE 'user:%') AND last_seq > 0`;

// said_*: the last message. check_*: the message that members are asked about at check_at, whether they have read it.
const THREAD = `
  CREATE TABLE notice_thread (
    thread text COLLATE "C" PRIMARY KEY,
    members integer NOT NULL,
    said_seq bigint NOT NULL DEFAULT 0,
    said_message uuid,
    said_by text,
    said_at timestamptz,
    check_seq bigint,
    check_message uuid,
    check_by text,
    check_at timestamptz
  ) WITH (fillfactor = 70);
  CREATE INDEX notice_thread_check ON notice_thread (check_at) WHERE check_at IS NOT NULL`;

// waiting_seq: told of a message that they have not read yet; until they have, their absence is no news.
// Kept after leaving: read_seq must not move backwards.
const MEMBER = `
  CREATE TABLE notice_member (
    thread text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    joined boolean NOT NULL,
    read_seq bigint NOT NULL,
    waiting_seq bigint,
    PRIMARY KEY (thread, user_id)
  ) WITH (fillfactor = 70);
  CREATE INDEX notice_member_present ON notice_member (thread, user_id) WHERE joined AND waiting_seq IS NULL`;

// Commands that are still to be sent or answered. attempt 0: nobody has begun; due_at is also the end of the lease of whoever has.
const DUE = `
  CREATE TABLE notice_due (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id text COLLATE "C" NOT NULL,
    thread text COLLATE "C" NOT NULL,
    what text COLLATE "C" NOT NULL,
    thread_seq bigint NOT NULL,
    message_id uuid,
    said_by text NOT NULL,
    attempt integer NOT NULL,
    due_at timestamptz NOT NULL,
    UNIQUE (user_id, thread, thread_seq, what)
  );
  CREATE INDEX notice_due_at ON notice_due (due_at)`;

const NOTICE = `
  CREATE TABLE notice (
    user_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    id uuid NOT NULL UNIQUE,
    kind text COLLATE "C" NOT NULL,
    thread text COLLATE "C" NOT NULL,
    thread_seq bigint NOT NULL,
    message_id uuid,
    said_by text NOT NULL,
    ts bigint NOT NULL,
    read boolean NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, seq)
  );
  CREATE INDEX notice_unread ON notice (user_id, thread, thread_seq) WHERE NOT read`;

// seq: of the last event that touched notices. read_through: "mark all as read" is one number, not one row for each notice.
const INBOX = `
  CREATE TABLE notice_inbox (
    user_id text COLLATE "C" PRIMARY KEY,
    seq bigint NOT NULL DEFAULT 0,
    unread integer NOT NULL DEFAULT 0,
    read_through bigint NOT NULL DEFAULT 0,
    kinds_off text[] NOT NULL DEFAULT '{}'
  ) WITH (fillfactor = 70)`;

const MUTE = `
  CREATE TABLE notice_mute (
    user_id text COLLATE "C" NOT NULL,
    thread text COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, thread)
  )`;
