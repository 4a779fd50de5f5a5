/** Events and signals on the fan-out. The channel stands first, so a reader that does not want it skips the record undecoded. */
import type { ChannelEvent, Signal } from '@veche/contracts';
import { RecordWriter } from './record-writer.ts';

const writer = new RecordWriter();

/** @throws RangeError if a name is longer than its field */
export const encodeEvents = (events: readonly ChannelEvent[]): Buffer => encode(events, writeEvent);
export const encodeSignals = (signals: readonly Signal[]): Buffer => encode(signals, writeSignal);

/** The records of the wanted channels, in order. */
export const decodeEvents = (body: Buffer, wants: (channel: string) => boolean): ChannelEvent[] => decode(body, wants, readEvent);
export const decodeSignals = (body: Buffer, wants: (channel: string) => boolean): Signal[] => decode(body, wants, readSignal);

function encode<T>(records: readonly T[], write: (record: T) => void): Buffer {
  try {
    for (const record of records) write(record);
    return writer.take();
  } finally {
    writer.drop();
  }
}

function writeEvent(event: ChannelEvent): void {
  const { channel, epoch, seq, id, kind, actor, command_id, ts, data, meta, traceparent = '' } = event;
  const tail = epoch + kind + id + command_id + actor + traceparent + (meta ?? '') + data;
  writer.begin(tail.length + channel.length);
  writer.shortText(channel);
  writer.double(seq);
  writer.double(ts);
  writer.byte(epoch.length);
  writer.byte(kind.length);
  writer.byte(id.length);
  writer.byte(command_id.length);
  writer.short(actor.length);
  writer.byte(traceparent.length);
  writer.int(meta === null ? -1 : meta.length);
  writer.end(tail);
}

function readEvent(body: Buffer, at: number, end: number, channel: string): ChannelEvent {
  const tail = body.toString('utf8', at + 27, end);
  let from = 0;
  const text = (chars: number): string => tail.slice(from, (from += chars));
  const epoch = text(body[at + 16]!);
  const kind = text(body[at + 17]!);
  const id = text(body[at + 18]!);
  const command_id = text(body[at + 19]!);
  const actor = text(body.readUInt16LE(at + 20));
  const traceparent = text(body[at + 22]!);
  const metaChars = body.readInt32LE(at + 23);
  const meta = metaChars < 0 ? null : text(metaChars);
  const event = { channel, epoch, seq: body.readDoubleLE(at), id, kind, actor, command_id, ts: body.readDoubleLE(at + 8), data: tail.slice(from), meta };
  // Nearly no event is traced: the others keep one shape, without the field.
  return traceparent === '' ? event : { ...event, traceparent };
}

function writeSignal({ channel, kind, actor, data, meta }: Signal): void {
  const tail = kind + actor + (meta ?? '') + data;
  writer.begin(tail.length + channel.length);
  writer.shortText(channel);
  writer.byte(kind.length);
  writer.short(actor.length);
  writer.int(meta === null ? -1 : meta.length);
  writer.end(tail);
}

function readSignal(body: Buffer, at: number, end: number, channel: string): Signal {
  const tail = body.toString('utf8', at + 7, end);
  const kindChars = body[at]!;
  const actorEnd = kindChars + body.readUInt16LE(at + 1);
  const metaChars = body.readInt32LE(at + 3);
  const dataAt = actorEnd + Math.max(metaChars, 0);
  return {
    channel,
    kind: tail.slice(0, kindChars),
    actor: tail.slice(kindChars, actorEnd),
    data: tail.slice(dataAt),
    meta: metaChars < 0 ? null : tail.slice(actorEnd, dataAt),
  };
}

function decode<T>(body: Buffer, wants: (channel: string) => boolean, read: (body: Buffer, at: number, end: number, channel: string) => T): T[] {
  const records: T[] = [];
  for (let at = 0; at < body.length;) {
    const end = at + 4 + body.readUInt32LE(at);
    const channelEnd = at + 5 + body[at + 4]!;
    const channel = body.toString('utf8', at + 5, channelEnd);
    if (wants(channel)) records.push(read(body, channelEnd, end, channel));
    at = end;
  }
  return records;
}
