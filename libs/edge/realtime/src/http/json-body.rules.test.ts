import { MAX_JSON_DEPTH, MAX_MESSAGE_BYTES, VecheError } from '@veche/contracts';
import { expect, test } from 'vitest';
import { depthOf, jsonTextOf, parseJsonBody } from './json-body.rules.ts';

const errorOf = (bytes: Buffer): string => {
  try {
    parseJsonBody(bytes);
    return 'accepted';
  } catch (error) {
    return (error as VecheError).error;
  }
};

test('65,536 bytes pass and one more does not', () => {
  const text = (length: number): Buffer => Buffer.from(`"${'x'.repeat(length - 2)}"`);
  expect(parseJsonBody(text(MAX_MESSAGE_BYTES))).toHaveLength(MAX_MESSAGE_BYTES - 2);
  expect(errorOf(text(MAX_MESSAGE_BYTES + 1))).toBe('too_large');
});

test.each([
  ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['a truncated character', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
  ['no JSON', Buffer.from('{"a":')],
  ['two documents', Buffer.from('{}{}')],
  ['a comment', Buffer.from('{} // x')],
])('refuses %s', (_what, bytes) => {
  expect(errorOf(bytes)).toBe('bad_request');
});

test('no body is no value', () => {
  expect([parseJsonBody(undefined), parseJsonBody(Buffer.alloc(0))]).toEqual([undefined, undefined]);
});

test('bounds nesting before it parses, brackets in strings left out', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  expect(errorOf(Buffer.from(nested(MAX_JSON_DEPTH)))).toBe('accepted');
  expect(errorOf(Buffer.from(nested(MAX_JSON_DEPTH + 1)))).toBe('bad_request');
  expect(errorOf(Buffer.from(nested(30_000)))).toBe('bad_request');
  expect(depthOf('["[[[[\\"[[[", {"}":"{"}]')).toBe(2);
});

test('gives back the text as it came', () => {
  expect(jsonTextOf(Buffer.from('{"n": 1.50}'))).toBe('{"n": 1.50}');
});
