import { assert, json, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawField, rawMember } from './json-slice.ts';

describe('a slice of a document', () => {
  it('is the text as it was written, digits, spaces, escapes and order kept', () => {
    const data = '{ "z" : 1.50e3 , "a":[1, 12345678901234567890 ],"\\u0061":"\\u00e4\\"}" }';
    expect(rawMember(`{"id":1, "publish": {"channel":"c","data": ${data} ,"x":1}}`, 'publish', 'data')).toBe(data);
  });

  it('takes the last of doubled names and understands escaped names, as JSON.parse does', () => {
    expect(rawMember('{"publish":{"data":1,"d\\u0061ta":2}}', 'publish', 'data')).toBe('2');
    expect(rawMember('{"publish":{"data":1},"publish":{"data":3}}', 'publish', 'data')).toBe('3');
  });

  it('is absent where there is none', () => {
    for (const text of ['{}', '{"publish":5}', '{"publish":{}}', '{"publish":{"x":{"data":1}}}', '{"x":{"data":1}}', ' { } '])
      expect(rawMember(text, 'publish', 'data')).toBeUndefined();
  });

  it('parses to what JSON.parse finds there, for any document', () => {
    assert(
      property(json(), jsonValue(), string(), (raw, other, name) => {
        const text = `{"o":${JSON.stringify(other)},"p":{${JSON.stringify(name)}:${raw},"q":${raw}}}`;
        const parsed = JSON.parse(text) as { p: Record<string, unknown> };
        expect(JSON.parse(rawMember(text, 'p', name)!)).toEqual(parsed.p[name]);
        expect(rawMember(text, 'p', 'q')).toBe(raw.trim());
        expect(JSON.parse(rawField(text, 'o')!)).toEqual(JSON.parse(JSON.stringify(other)));
      }),
    );
  });
});
