/** Language × framing: each has its own bytes for one event, made once and written to all its sessions. */
import type { ChannelEvent, Signal } from '@veche/contracts';
import type { Framing, Language } from '../door.ts';
import { Framings, MAX_FRAME_BYTES, webSocketFrame } from '../framings.ts';
import { eventPush, plainEvent, plainSignal, signalPush, sourceEvent, sourceEventOfMany, sourceSignal } from './documents.ts';

interface Variant {
  readonly event: (event: ChannelEvent) => string;
  readonly signal: (signal: Signal) => string;
  readonly frame: (documents: readonly string[]) => Buffer;
  /** The ping, made once. */
  readonly ping: Buffer;
}

/** An EventSource chunk is complete as it is made. */
const chunk = (documents: readonly string[]): Buffer => Buffer.from(documents.join(''));
/** One document a WebSocket message, many in one write: a client without any SDK parses each message as it comes. */
const singly = (documents: readonly string[]): Buffer => Buffer.concat(documents.join('\n').split('\n').map(webSocketFrame));
const v2 = (framing: Framing): Variant => ({ event: eventPush, signal: signalPush, frame: Framings[framing], ping: Framings[framing](['{}']) });

/** A WebSocket ping frame: browsers answer it by themselves, so a plain client needs no code for it. */
export const NATIVE_PING = Buffer.from([0x89, 0x00]);
const COMMENT = Buffer.from(':\n\n');

export const V2_WEBSOCKET = 0;
export const V2_SSE = 1;
export const V2_LINE = 2;
export const PLAIN_WEBSOCKET = 3;
export const SOURCE = 4;
export const SOURCE_OF_MANY = 5;

export const VARIANT_TABLE: readonly Variant[] = [
  v2('websocket'),
  v2('sse'),
  v2('line'),
  { event: plainEvent, signal: plainSignal, frame: singly, ping: NATIVE_PING },
  { event: sourceEvent, signal: sourceSignal, frame: chunk, ping: COMMENT },
  { event: sourceEventOfMany, signal: sourceSignal, frame: chunk, ping: COMMENT },
];

const V2_BY_FRAMING = { websocket: V2_WEBSOCKET, sse: V2_SSE, line: V2_LINE } as const satisfies Record<Framing, number>;

export function variantOf(language: Language, framing: Framing, many = false): number {
  if (language === 'v2') return V2_BY_FRAMING[framing];
  if (language === 'plain') return PLAIN_WEBSOCKET;
  return many ? SOURCE_OF_MANY : SOURCE;
}

/** Joins documents into as few frames as the frame bound allows; a document is never split. */
export function frames(variant: number, documents: readonly string[]): Buffer[] {
  const { frame } = VARIANT_TABLE[variant]!;
  if (documents.length === 1) return [frame(documents)];
  const made: Buffer[] = [];
  let from = 0;
  let bytes = 0;
  for (let at = 0; at < documents.length; at++) {
    // Characters are a lower bound of bytes; only text beyond ASCII makes a frame larger than the bound, at most three times.
    const size = documents[at]!.length + 1;
    if (bytes + size > MAX_FRAME_BYTES && at > from) {
      made.push(frame(documents.slice(from, at)));
      from = at;
      bytes = 0;
    }
    bytes += size;
  }
  made.push(frame(from === 0 ? documents : documents.slice(from)));
  return made;
}
