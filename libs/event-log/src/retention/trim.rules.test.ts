import { expect, test } from 'vitest';
import { firstBySize } from './trim.rules.ts';

test.each([
  [{ first_seq: 1, last_seq: 10 }, { size: 3 }, 8],
  [{ first_seq: 1, last_seq: 3 }, { size: 3 }, 1],
  [{ first_seq: 9, last_seq: 10 }, { size: 3 }, 9],
  [{ first_seq: 1, last_seq: 10 }, { size: 0 }, 11],
  [{ first_seq: 4, last_seq: 10 }, { ttl_ms: 1 }, 4],
])('%o with %o begins at %i', (held, kept, first) => expect(firstBySize(held, kept)).toBe(first));
