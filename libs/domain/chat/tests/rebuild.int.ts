import { randomUUID } from 'node:crypto';
import {
  AddMember,
  type CommandContract,
  CreateThread,
  DeleteMessage,
  EditMessage,
  ListMessages,
  MarkRead,
  React,
  RemoveMember,
  RenameThread,
  ROLES,
  SendMessage,
  SetRole,
  threadChannel,
  userChannel,
} from '@veche/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildThread } from '../src/index.ts';
import { type House, openHouse, refusalOf, tables } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const USERS = ['ann', 'bob', 'cid', 'dan', 'eve'];

interface Step {
  readonly what: 'send' | 'reply' | 'edit' | 'delete' | 'react' | 'take' | 'read' | 'rename' | 'add' | 'role' | 'remove';
  readonly thread: number;
  readonly actor: number;
  /** Whom, which message, which text. */
  readonly pick: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constant('send' as const) },
    { weight: 8, arbitrary: fc.constantFrom('reply' as const, 'edit' as const, 'delete' as const, 'react' as const, 'take' as const, 'read' as const) },
    { weight: 5, arbitrary: fc.constantFrom('rename' as const, 'add' as const, 'role' as const, 'remove' as const) },
  ),
  thread: fc.nat(1),
  actor: fc.nat(USERS.length - 1),
  pick: fc.nat(1000),
});

/** Waves of commands that are under way at the same time, hence in the same batches. */
const waves = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { minLength: 3, maxLength: 10 });

class Story {
  private readonly threads = [threadChannel(randomUUID()), threadChannel(randomUUID())];
  private readonly sent: string[] = [];

  async begin(): Promise<void> {
    for (const channel of this.threads) await house.done(CreateThread, channel, 'ann', { title: 'Begin', members: ['bob', 'cid'] });
  }

  async tell(wave: readonly Step[]): Promise<void> {
    await Promise.all(wave.map((each) => this.take(each)));
  }

  async take({ what, thread, actor, pick }: Step): Promise<void> {
    const channel = this.threads[thread] ?? '';
    const message_id = this.sent[pick % Math.max(1, this.sent.length)] ?? randomUUID();
    const user = USERS[pick % USERS.length] ?? '';
    const role = ROLES[pick % ROLES.length] ?? 'reader';
    const say = (contract: CommandContract, data: object, on = channel) => house.send(contract, on, USERS[actor] ?? '', data);
    const steps = {
      send: () => say(SendMessage, { text: `text ${pick}` }),
      reply: () => say(SendMessage, { text: `reply ${pick}`, reply_to: message_id, attachments: [{ pick }] }),
      edit: () => say(EditMessage, { message_id, text: `edit ${pick % 3}` }),
      delete: () => say(DeleteMessage, { message_id }),
      react: () => say(React, { message_id, reaction: `r${pick % 2}` }),
      take: () => say(React, { message_id, reaction: `r${pick % 2}`, remove: true }),
      read: () => say(MarkRead, { thread: channel, seq: pick % 40 }, userChannel(USERS[actor] ?? '')),
      rename: () => say(RenameThread, { title: `Title ${pick}` }),
      add: () => say(AddMember, { user, role: role === 'owner' ? 'admin' : role }),
      role: () => say(SetRole, { user, role }),
      remove: () => say(RemoveMember, { user }),
    };
    const reply = await steps[what]();
    if (reply.ok && reply.id !== null && (what === 'send' || what === 'reply')) this.sent.push(reply.id);
  }

  async rebuild(): Promise<void> {
    for (const channel of this.threads) await rebuildThread(house.database, house.log, channel);
  }
}

/** What must be true of the rows whatever has happened. */
const LAWS = [
  'SELECT t.id FROM thread t WHERE t.last_number <> (SELECT count(*) FROM message m WHERE m.thread = t.id)',
  'SELECT t.id FROM thread t WHERE t.member_count <> (SELECT count(*) FROM member m WHERE m.thread = t.id)',
  'SELECT t.id FROM thread t JOIN channel c ON c.id = t.id WHERE t.last_seq <> c.last_seq OR t.name <> c.name',
  'SELECT t.id FROM thread t WHERE NOT EXISTS (SELECT FROM member m WHERE m.thread = t.id AND m.role = 0)',
  'SELECT 1 FROM (SELECT number, row_number() OVER (PARTITION BY thread ORDER BY seq) AS place FROM message) m WHERE m.number <> m.place',
  'SELECT 1 FROM read_marker r WHERE r.number <> (SELECT count(*) FROM message m WHERE m.thread = r.thread AND m.seq <= r.seq)',
];

test('what the commands have written is what a rebuild writes', async () => {
  await fc.assert(
    fc.asyncProperty(waves, async (told) => {
      const story = new Story();
      await story.begin();
      for (const wave of told) await story.tell(wave);
      for (const law of LAWS) expect(await house.database.query({ text: law }), law).toEqual([]);
      const live = await tables(house.database);
      await story.rebuild();
      expect(await tables(house.database)).toEqual(live);
    }),
    { numRuns: 25 },
  );
}, 120_000);

test('a rebuild repairs what was damaged', async () => {
  const story = new Story();
  await story.begin();
  for (let pick = 0; pick < 30; pick++)
    await story.tell([
      { what: 'send', thread: pick % 2, actor: pick % 3, pick },
      { what: 'react', thread: pick % 2, actor: 0, pick },
      { what: 'read', thread: 1, actor: 1, pick },
    ]);
  const live = await tables(house.database);
  for (const damage of [
    "UPDATE thread SET title = 'damaged', last_number = 7, member_count = 0",
    "UPDATE member SET role = 3, read_number = 0 WHERE user_id = 'bob'",
    'DELETE FROM message WHERE number % 2 = 0',
    "UPDATE message SET text = ''",
    'DELETE FROM reaction',
    'UPDATE read_marker SET seq = seq + 5, number = 100',
  ])
    await house.database.query({ text: damage });
  const channels = await house.database.query<{ name: string }>({ text: 'SELECT name FROM thread' });
  for (const { name } of channels) await rebuildThread(house.database, house.log, name);
  expect(await tables(house.database)).toEqual(live);
});

test('two processes that write to the same threads at once number their messages without a gap', async () => {
  const other = await openHouse({}, house.url);
  const channel = threadChannel(randomUUID());
  await house.done(CreateThread, channel, 'ann', { title: 'Busy', members: ['bob'] });
  const both = [house, other].flatMap((process, which) =>
    Array.from({ length: 100 }, (_, n) => process.outcome(SendMessage, channel, which ? 'ann' : 'bob', { text: String(n) })),
  );
  const reads = [house, other].flatMap((process) =>
    Array.from({ length: 20 }, (_, seq) => process.outcome(MarkRead, userChannel('bob'), 'bob', { thread: channel, seq })),
  );
  expect(new Set(await Promise.all(both))).toEqual(new Set(['ok']));
  expect((await Promise.all(reads)).every((outcome) => outcome === 'ok' || outcome === 'unchanged')).toBe(true);
  const { messages } = await house.ask(ListMessages, { user: 'ann', channel, limit: 100, after: 101 });
  expect(messages.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, n) => n + 101));
  for (const law of LAWS) expect(await house.database.query({ text: law }), law).toEqual([]);
  const live = await tables(house.database);
  await rebuildThread(house.database, house.log, channel);
  expect(await tables(house.database)).toEqual(live);
  await other.stop();
});

test('a thread that the log does not have is not rebuilt', async () => {
  expect(await refusalOf(rebuildThread(house.database, house.log, threadChannel(randomUUID())))).toBe('not_found');
});
