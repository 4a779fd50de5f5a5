import { expect, test } from 'vitest';
import { folded, type MessageRow } from './folded-message.ts';

const row: MessageRow = {
  id: 'm',
  channel: 'thread:1',
  seq: 2,
  number: 1,
  actor: 'a',
  command_id: 'c',
  ts: 5,
  text: 'hello',
  reply_to: null,
  attachments: null,
  edited_ts: null,
  deleted: false,
  reactions: null,
};

test('what a message does not have is absent', () =>
  expect(Object.keys(folded(row)).toSorted()).toEqual(['actor', 'channel', 'command_id', 'id', 'number', 'reactions', 'seq', 'text', 'ts']));

test('reactions keep the order in which they were given', () =>
  expect(
    folded({
      ...row,
      reactions: [
        ['b', 'u2'],
        ['a', 'u1'],
        ['b', 'u1'],
      ],
    }).reactions,
  ).toEqual({ b: ['u2', 'u1'], a: ['u1'] }));

test('a reaction may be called like a property of every object', () =>
  expect(
    JSON.stringify(
      folded({
        ...row,
        reactions: [
          ['__proto__', 'u'],
          ['constructor', 'u'],
        ],
      }).reactions,
    ),
  ).toBe('{"__proto__":["u"],"constructor":["u"]}'));
