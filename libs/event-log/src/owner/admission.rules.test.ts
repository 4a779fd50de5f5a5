import { command, type CommandEnvelope } from '@veche/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { admit } from './admission.rules.ts';

const Move = command('chat.move.v1', z.strictObject({ to: z.strictObject({ x: z.number() }), note: z.string().default('none') }));
const handlers = new Map([[Move.kind as string, { contract: Move, handle: () => Promise.resolve() }]]);
const envelope = (changes: Partial<CommandEnvelope> = {}): CommandEnvelope => ({
  kind: Move.kind,
  channel: 'thread:1',
  actor: 'alice',
  command_id: 'c',
  data: { to: { x: 1 } },
  meta: null,
  deadline: 1000,
  ...changes,
});
const refusalOf = (changes: Partial<CommandEnvelope>, now = 0) => admit([envelope(changes)], handlers, now).refused.get(0);

test('data is parsed: defaults stand', () => {
  const { admitted, refused } = admit([envelope()], handlers, 0);
  expect(refused.size).toBe(0);
  expect(admitted[0]?.envelope.data).toEqual({ to: { x: 1 }, note: 'none' });
});

test('fields that this release does not know are dropped at every depth, the original stays', () => {
  const data = { to: { x: 1, y: 2 }, colour: 'red' };
  expect(admit([envelope({ data })], handlers, 0).admitted[0]?.envelope.data).toEqual({ to: { x: 1 }, note: 'none' });
  expect(data).toEqual({ to: { x: 1, y: 2 }, colour: 'red' });
});

test('a wrong field is named, unknown ones beside it or not', () => {
  expect(refusalOf({ data: { to: { x: 'far' }, colour: 'red' } })).toMatchObject({
    error: 'bad_request',
    message: expect.stringContaining('to.x: ') as string,
  });
  expect(refusalOf({ data: 'nothing' })).toMatchObject({ error: 'bad_request', message: expect.stringContaining('data: ') as string });
});

test('past its deadline a command is unknown, not failed: an earlier delivery may have applied it', () => {
  expect(refusalOf({}, 1000)).toMatchObject({ error: 'outcome_unknown' });
  expect(refusalOf({}, 999)).toBeUndefined();
});

test('a kind without a handler and a name outside the grammar are refused', () => {
  expect(refusalOf({ kind: 'chat.fly.v1' })).toMatchObject({ error: 'method_not_found' });
  expect(refusalOf({ channel: 'no spaces' })).toMatchObject({ error: 'bad_request' });
});

test('every command is either admitted or refused, in its place', () => {
  const { admitted, refused } = admit([envelope(), envelope({ kind: 'chat.fly.v1' }), envelope()], handlers, 0);
  expect(admitted.map(({ index }) => index)).toEqual([0, 2]);
  expect([...refused.keys()]).toEqual([1]);
});
