/** Commands on their way to the owner; `data` travels as JSON text. */
import type { CommandEnvelope } from '@veche/contracts';
import { RecordWriter } from './record-writer.ts';

const writer = new RecordWriter();

/** An envelope whose data has become text: nothing in it can change any more. */
export type SealedCommand = Omit<CommandEnvelope, 'data'> & { readonly json: string };

/** @throws RangeError if a name is longer than its field */
export function encodeCommands(commands: readonly SealedCommand[]): Buffer {
  try {
    for (const command of commands) writeCommand(command);
    return writer.take();
  } finally {
    writer.drop();
  }
}

/** Every call makes objects of its own: a handler that changes its input does not change the next delivery. */
export function decodeCommands(body: Buffer): CommandEnvelope[] {
  const commands: CommandEnvelope[] = [];
  for (let at = 0; at < body.length;) {
    const end = at + 4 + body.readUInt32LE(at);
    commands.push(readCommand(body, at + 4, end));
    at = end;
  }
  return commands;
}

function writeCommand({ kind, channel, actor, command_id, json, meta, deadline, traceparent = '' }: SealedCommand): void {
  const tail = kind + command_id + actor + traceparent + (meta ?? '') + json;
  writer.begin(tail.length + channel.length);
  writer.shortText(channel);
  writer.double(deadline);
  writer.byte(kind.length);
  writer.byte(command_id.length);
  writer.short(actor.length);
  writer.byte(traceparent.length);
  writer.int(meta === null ? -1 : meta.length);
  writer.end(tail);
}

function readCommand(body: Buffer, start: number, end: number): CommandEnvelope {
  const at = start + 1 + body[start]!;
  const tail = body.toString('utf8', at + 17, end);
  let from = 0;
  const text = (chars: number): string => tail.slice(from, (from += chars));
  const kind = text(body[at + 8]!);
  const command_id = text(body[at + 9]!);
  const actor = text(body.readUInt16LE(at + 10));
  const traceparent = text(body[at + 12]!);
  const metaChars = body.readInt32LE(at + 13);
  const meta = metaChars < 0 ? null : text(metaChars);
  const channel = body.toString('utf8', start + 1, at);
  return { kind, channel, actor, command_id, data: JSON.parse(tail.slice(from)), meta, deadline: body.readDoubleLE(at), ...(traceparent && { traceparent }) };
}
