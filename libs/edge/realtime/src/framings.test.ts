import { array, assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine } from './delivery/documents.ts';
import { frames } from './delivery/variants.ts';
import { Framings, webSocketFrame } from './framings.ts';

describe('frames', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 70_000])('of %i bytes have the right header', (length) => {
    const frame = webSocketFrame('x'.repeat(length));
    const head =
      length < 126
        ? [0x81, length]
        : length < 65_536
          ? [0x81, 126, length >> 8, length & 255]
          : [0x81, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
    expect([...frame.subarray(0, head.length)]).toEqual(head);
    expect(frame.length).toBe(head.length + length);
  });

  it('carry every document once, in order, within the bound', () => {
    assert(
      property(array(string({ maxLength: 40_000, unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 12 }), (texts) => {
        const documents = texts.map((text) => JSON.stringify(text));
        const made = frames(0, documents);
        const found = made.flatMap((frame) => {
          const head = frame[1]! < 126 ? 2 : frame[1] === 126 ? 4 : 10;
          return frame.toString('utf8', head).split('\n');
        });
        expect(found).toEqual(documents);
      }),
      { numRuns: 30 },
    );
  });

  it('of a line stream are ASCII and parse to the same', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        const bytes = Framings.line([JSON.stringify(text)]);
        expect(bytes.every((byte) => byte < 0x80)).toBe(true);
        expect(JSON.parse(bytes.toString('latin1'))).toBe(JSON.parse(JSON.stringify(text)));
      }),
    );
  });

  it('never contain a raw line break within a document', () => {
    const data = oneLine('{"a":\r\n[1,\n2],"b":"\\n"}');
    expect(data).toBe('{"a":  [1, 2],"b":"\\n"}');
    expect(Framings.sse([data]).toString()).toBe(`data: ${data}\n\n`);
  });
});
