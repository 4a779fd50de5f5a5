import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FindUsers, IssueToken } from '@veche/contracts';
import { authConfig, authMigrations, AuthModule } from '@veche/domain-auth';
import { chatMigrations, rebuildThread } from '@veche/domain-chat';
import { eventLogMigrations } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import { ask, messagingConfig, MessagingModule, REQUEST_BUS, type RequestBus, VecheStrategy } from '@veche/platform-messaging';
import { migrate, postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';
import { createDatabase, type TestDatabase } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Owner, startOwner } from '../owner.ts';
import { eventsOf, Plan } from '../plan.ts';
import { seed } from '../seed.ts';

const scale = { users: 60, threads: 25, messages: 600, seed: 'test' };
const silent = { write: () => true };

let db: TestDatabase;
let owner: Owner;
beforeAll(async () => {
  db = await createDatabase({ name: 'seed', prepare: async (url) => void (await migrate(url, [...eventLogMigrations, ...authMigrations, ...chatMigrations])) });
  owner = await startOwner(db.url);
});
afterAll(async () => {
  await owner.stop();
  await db.drop();
});

const read = (text: string): Promise<readonly object[]> => owner.database.query<object>({ text });
const projections = (): Promise<unknown> =>
  Promise.all([
    read('SELECT * FROM thread ORDER BY id'),
    read('SELECT * FROM member ORDER BY thread, user_id'),
    read('SELECT *, attachments::text AS attachments FROM message ORDER BY thread, seq'),
    read('SELECT * FROM reaction ORDER BY message, user_id, reaction'),
    read('SELECT * FROM read_marker ORDER BY user_id, thread'),
  ]);
const COUNTS =
  'SELECT (SELECT count(*) FROM app_user) AS users, (SELECT count(*) FROM thread) AS threads, (SELECT count(*) FROM message) AS messages, (SELECT count(*) FROM event) AS events';

test('everybody and everything that was planned is there, and a second run adds nothing', async () => {
  expect(await seed(owner, scale, 'a password', silent)).toEqual({ people: scale.users, threads: scale.threads });
  const [counts] = await read(COUNTS);
  expect(counts).toMatchObject({ users: scale.users, threads: scale.threads, messages: scale.messages });
  expect(await seed(owner, scale, 'another password', silent)).toEqual({ people: 0, threads: 0 });
  expect(await read(COUNTS)).toEqual([counts]);
});

test('a run that was interrupted is completed, and nothing is there twice', async () => {
  const interrupted = { ...scale, seed: 'cut' };
  const plan = new Plan(interrupted);
  let commands = 0;
  const dying: Owner = {
    ...owner,
    done: (...command) => {
      if (++commands > 300) throw new Error('killed');
      return owner.done(...command);
    },
  };
  await expect(seed(dying, interrupted, 'a password', silent)).rejects.toThrow('killed');
  await seed(owner, interrupted, 'a password', silent);
  for (let place = 0; place < interrupted.threads; place++) {
    const thread = plan.thread(place);
    expect((await owner.log.position(thread.channel))?.seq).toBe(eventsOf(plan, place, thread));
  }
});

test('it leaves what the commands leave: a rebuild from the log changes nothing', async () => {
  const before = await projections();
  for (const { name } of (await read('SELECT name FROM thread')) as { name: string }[]) await rebuildThread(owner.database, owner.log, name);
  expect(await projections()).toEqual(before);
});

test('a seeded person is found by name and signs in', async () => {
  class AuthApp {}
  Module({
    imports: [
      ConfigModule.forRoot([postgresConfig, telemetryConfig, messagingConfig, authConfig], { PG_URL: db.url, LOG_LEVEL: 'error' }),
      TelemetryModule,
      PostgresModule.forRoot({ entities: [], migrations: authMigrations }),
      MessagingModule.inProcess(),
      AuthModule,
    ],
  })(AuthApp);
  const app = await NestFactory.createApplicationContext(AuthApp, { logger: false, abortOnError: false });
  const strategy = app.get(VecheStrategy);
  await new Promise<void>((resolve, reject) => void strategy.listen((error) => (error ? reject(error as Error) : resolve())));
  const requests = app.get<RequestBus>(REQUEST_BUS);
  const person = new Plan(scale).person(0);
  expect(await ask(requests, IssueToken, { login: person.login, password: 'a password' })).toMatchObject({ user: person });
  expect((await ask(requests, FindUsers, { prefix: person.name.toUpperCase() })).users).toContainEqual(person);
  await strategy.close();
  await app.close();
});
