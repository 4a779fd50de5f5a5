/** The body of one PUBLISH: which process sent it, its number among that process's, what it holds, then the records. */

/** ASCII characters that name a process. */
export const ORIGIN_CHARS = 12;
const HEAD_BYTES = ORIGIN_CHARS + 9;

/** `still-here` carries nothing: its number tells whoever missed the ones before. */
const KINDS = ['events', 'signals', 'still-here'] as const;
export type MessageKind = (typeof KINDS)[number];

export interface RedisMessage {
  readonly origin: string;
  readonly number: number;
  readonly kind: MessageKind;
  readonly records: Buffer;
}

export function writeMessage(kind: MessageKind, origin: string, number: number, records: readonly Buffer[]): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.write(origin, 0, ORIGIN_CHARS, 'latin1');
  head.writeDoubleLE(number, ORIGIN_CHARS);
  head.writeUInt8(KINDS.indexOf(kind), ORIGIN_CHARS + 8);
  return Buffer.concat([head, ...records]);
}

/** `undefined` for what is not of ours, or of a later version: to miss it is to miss a message, which positions find. */
export function readMessage(body: Buffer): RedisMessage | undefined {
  const kind = body.length < HEAD_BYTES ? undefined : KINDS[body[HEAD_BYTES - 1]!];
  if (kind === undefined) return undefined;
  return { kind, origin: body.toString('latin1', 0, ORIGIN_CHARS), number: body.readDoubleLE(ORIGIN_CHARS), records: body.subarray(HEAD_BYTES) };
}
