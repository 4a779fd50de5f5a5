import { MAX_JSON_DEPTH, OPERATIONS, VecheError } from '@veche/contracts';
import { expect, test } from 'vitest';
import { parseParams } from './params.rules.ts';

const { params } = OPERATIONS['chat.send'];
const refused = (value: unknown): VecheError => {
  try {
    parseParams(params, value);
  } catch (error) {
    if (error instanceof VecheError) return error;
    throw error;
  }
  throw new Error('was accepted');
};
const nested = (levels: number): unknown => (levels === 0 ? 1 : { deeper: nested(levels - 1) });

test('names every field at fault in one answer', () => {
  const error = refused({ channel: 'user:1', text: '', colour: 'red', reply_to: 'not a uuid' });
  expect(error.error).toBe('bad_request');
  expect(error.details.map((problem) => problem.path).toSorted()).toEqual(['channel', 'colour', 'reply_to', 'text']);
  expect(error.message).toContain('text must not be empty');
});

test('says that a field is missing rather than undefined', () => {
  expect(refused({ channel: 'thread:1' }).message).toBe('text is missing');
});

test('counts the problems that it does not spell out', () => {
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`extra${n}`, n]));
  expect(refused({ channel: 'thread:1', text: 'x', ...many }).message).toMatch(/; and 4 more$/);
});

test.each([
  ['__proto__', '{"channel":"thread:1","text":"x","attachments":[{"__proto__":{"a":1}}]}'],
  ['constructor', '{"channel":"thread:1","text":"x","constructor":{}}'],
])('refuses %s as a name at any level', (name, json) => {
  expect(refused(JSON.parse(json)).details[0]?.path).toContain(name);
});

test('refuses NUL and half a surrogate pair, which no text column can hold', () => {
  expect(refused({ channel: 'thread:1', text: 'a\0b' }).details[0]?.path).toBe('text');
  expect(refused({ channel: 'thread:1', text: '\ud800' }).details[0]?.path).toBe('text');
  expect(parseParams(params, { channel: 'thread:1', text: '😀' })).toMatchObject({ text: '😀' });
});

test('refuses nesting beyond the limit and takes what is at it', () => {
  const at = (levels: number): unknown => ({ channel: 'thread:1', text: 'x', attachments: [nested(levels)] });
  expect(parseParams(params, at(MAX_JSON_DEPTH - 2))).toBeDefined();
  expect(refused(at(MAX_JSON_DEPTH - 1)).message).toContain(`${MAX_JSON_DEPTH} levels`);
});

test('treats absent parameters as none', () => {
  expect(refused(undefined).details.map((problem) => problem.path)).toEqual(['channel', 'text']);
});
