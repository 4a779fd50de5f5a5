/**
 * Parameters of batch statements in Postgres' binary array format. A text literal must escape every quote of the JSON that it holds
 * and the server must undo it; the binary form took Node's share of the append from 10.4 to 7.7 µs a row, Postgres' from 23 to 22.
 */

const OID = { int2: 21, int4: 23, int8: 20, text: 25, json: 114, uuid: 2950 } as const;

/** Bytes: dimensions, has-null flag, element type, then length and lower bound of the one dimension. */
const HEADER = 20;

function header(buffer: Buffer, oid: number, length: number, nulls: boolean): Buffer {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(nulls ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}

function fixed(oid: number, size: number, length: number, write: (buffer: Buffer, index: number, at: number) => void): Buffer {
  const buffer = header(Buffer.allocUnsafe(HEADER + length * (4 + size)), oid, length, false);
  for (let i = 0, at = HEADER; i < length; i++, at += 4 + size) {
    buffer.writeInt32BE(size, at);
    write(buffer, i, at + 4);
  }
  return buffer;
}

export const int2Array = (values: readonly number[]): Buffer =>
  fixed(OID.int2, 2, values.length, (buffer, i, at) => buffer.writeInt16BE(values[i] as number, at));

export const int4Array = (values: readonly number[]): Buffer =>
  fixed(OID.int4, 4, values.length, (buffer, i, at) => buffer.writeInt32BE(values[i] as number, at));

export const int8Array = (values: readonly (number | string)[]): Buffer =>
  fixed(OID.int8, 8, values.length, (buffer, i, at) => buffer.writeBigInt64BE(BigInt(values[i] as number | string), at));

export const uuidArray = (values: readonly string[]): Buffer =>
  fixed(OID.uuid, 16, values.length, (buffer, i, at) => buffer.write((values[i] as string).replaceAll('-', ''), at, 'hex'));

/** Variable length: 3 bytes a UTF-16 unit is the most that UTF-8 needs, so one pass writes and measures. */
function variable(oid: number, values: readonly (string | null)[]): Buffer {
  let size = HEADER;
  for (const value of values) size += 4 + (value === null ? 0 : value.length * 3);
  const buffer = Buffer.allocUnsafe(size);
  let at = HEADER;
  let nulls = false;
  for (const value of values) {
    const written = value === null ? -1 : buffer.write(value, at + 4, 'utf8');
    nulls ||= written < 0;
    buffer.writeInt32BE(written, at);
    at += 4 + Math.max(written, 0);
  }
  return header(buffer, oid, values.length, nulls).subarray(0, at);
}

export const textArray = (values: readonly string[]): Buffer => variable(OID.text, values);
/** Elements are JSON texts. */
export const jsonArray = (values: readonly (string | null)[]): Buffer => variable(OID.json, values);
