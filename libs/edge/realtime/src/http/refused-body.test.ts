import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { endOfRefused } from './refused-body.ts';

const body = (): PassThrough => new PassThrough();
const refused = (stream: PassThrough, status = 413): Promise<unknown> => endOfRefused(status, stream as unknown as IncomingMessage);

test('a refused body is read to its end', async () => {
  const stream = body();
  const read = refused(stream);
  stream.write(Buffer.alloc(500_000));
  stream.end(Buffer.alloc(500_000));
  expect(await read).toEqual({ Connection: 'close' });
  expect(stream.readableEnded).toBe(true);
});

test('of an endless one no more than a bound is read', async () => {
  const stream = body();
  const read = refused(stream);
  stream.write(Buffer.alloc(1_048_577));
  await read;
  expect(stream.readableEnded).toBe(false);
});

test('a client that has gone is not waited for', async () => {
  const stream = body();
  stream.destroy();
  await refused(stream);
});

test('another refusal leaves body and connection alone', async () => {
  const stream = body();
  expect(await refused(stream, 400)).toEqual({});
  expect(stream.readableFlowing).toBe(null);
});
