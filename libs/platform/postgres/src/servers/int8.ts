/** A bigint of the server is a number here. */
import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;

/** A seq is at most 2^53-1; a larger bigint must fail loudly, not lose its last digits. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is beyond 2^53-1`);
  return value;
}

const parseInt8Array = (text: string): (number | null)[] =>
  text
    .slice(1, -1)
    .split(',')
    .filter(Boolean)
    .map((item) => (item === 'NULL' ? null : parseInt8(item)));

// Per pool and not `pg.types.setTypeParser`: other users of pg in the process keep their own idea of a bigint.
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    if (oid === INT8) return parseInt8;
    if (oid === INT8_ARRAY) return parseInt8Array;
    return pg.types.getTypeParser(oid, format);
  }) as pg.CustomTypesConfig['getTypeParser'],
};
