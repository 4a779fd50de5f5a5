import { expect, test } from 'vitest';
import { int2Array, int4Array, int8Array, jsonArray, textArray, uuidArray } from './binary-array.ts';

/** Reads the format back as the server does (array_recv). */
function elements(buffer: Buffer): { oid: number; nulls: number; items: (Buffer | null)[] } {
  const [dimensions, nulls, oid, length, lower] = [0, 4, 8, 12, 16].map((at) => buffer.readInt32BE(at)) as [number, number, number, number, number];
  expect([dimensions, lower]).toEqual([1, 1]);
  const items: (Buffer | null)[] = [];
  let at = 20;
  for (let i = 0; i < length; i++) {
    const size = buffer.readInt32BE(at);
    items.push(size < 0 ? null : buffer.subarray(at + 4, at + 4 + size));
    at += 4 + Math.max(size, 0);
  }
  expect(at).toBe(buffer.length);
  return { oid, nulls, items };
}

test('numbers are big endian', () => {
  expect(elements(int2Array([0, 255])).items.map((item) => item?.readInt16BE())).toEqual([0, 255]);
  expect(elements(int4Array([1, -1])).items.map((item) => item?.readInt32BE())).toEqual([1, -1]);
  expect(elements(int8Array([Number.MAX_SAFE_INTEGER, '9223372036854775807'])).items.map((item) => item?.readBigInt64BE())).toEqual([
    9007199254740991n,
    9223372036854775807n,
  ]);
});

test('texts of every script keep their bytes, nulls are told', () => {
  const texts = ['', 'a"b\\c', 'Здравствуйте', '世界', '👩🏽‍🚀'];
  expect(elements(textArray(texts)).items.map(String)).toEqual(texts);
  const { nulls, items, oid } = elements(jsonArray([null, '{"a":1}']));
  expect([nulls, items[0], String(items[1]), oid]).toEqual([1, null, '{"a":1}', 114]);
});

test('uuids are sixteen bytes', () => {
  expect(elements(uuidArray(['01890000-0000-7000-8000-00000000abcd'])).items[0]?.toString('hex')).toBe('0189000000007000800000000000abcd');
});

test('an empty list is an array without elements', () => expect(elements(textArray([])).items).toEqual([]));
