import { ClearThread, CommandId, Notify, refusal } from '@veche/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandIdOf, commandOf, delayOf, outcomeOf } from './command.rules.ts';

const NOTICE = { user: 'u', what: 'mention', thread: 'thread:t', thread_seq: 3, message_id: '01900000-0000-7000-8000-000000000000', by: 'b' } as const;

test('the same notice has the same command id for ever, another one another', () => {
  const id = commandIdOf(NOTICE);
  expect(CommandId.safeParse(id).success).toBe(true);
  expect(id).toBe('jPZaTKgKAi3VCZASzXimroSDhpyo83BeRmxeK7NVjLA');
  const others = [{ user: 'v' }, { what: 'reply' }, { thread: 'thread:u' }, { thread_seq: 4 }] as const;
  expect(new Set(others.map((change) => commandIdOf({ ...NOTICE, ...change }))).add(id).size).toBe(5);
});

test('the parts of an id cannot be shifted into each other', () => {
  const part = fc.stringMatching(/^[a-z0-9]{0,4}$/);
  fc.assert(
    fc.property(part, part, part, part, (a, b, c, d) => {
      fc.pre(a !== c || b !== d);
      expect(commandIdOf({ ...NOTICE, thread: `thread:${a}`, user: b })).not.toBe(commandIdOf({ ...NOTICE, thread: `thread:${c}`, user: d }));
    }),
  );
});

test('commands fit their contracts', () => {
  expect(Notify.schema.safeParse(commandOf(NOTICE, 0).data).success).toBe(true);
  expect(Notify.schema.safeParse(commandOf({ ...NOTICE, what: 'added', message_id: null }, 0).data).success).toBe(true);
  expect(ClearThread.schema.safeParse(commandOf({ ...NOTICE, what: 'clear', message_id: null }, 0).data).success).toBe(true);
});

test('what nobody can help waits, what is refused is work', () => {
  expect(outcomeOf({ ok: true, id: null, seq: 0, epoch: '', ts: 0 })).toBe('done');
  for (const error of ['unavailable', 'outcome_unknown', 'too_many_requests'] as const) expect(outcomeOf(refusal(error, ''))).toBe('later');
  for (const error of ['internal', 'bad_request', 'permission_denied', 'method_not_found'] as const) expect(outcomeOf(refusal(error, ''))).toBe('refused');
});

test('the pauses are those of work, the last one repeated', () => {
  expect([1, 2, 3, 4, 99].map((attempt) => delayOf([1000, 5000, 30_000], attempt))).toEqual([1000, 5000, 30_000, 30_000, 30_000]);
});
