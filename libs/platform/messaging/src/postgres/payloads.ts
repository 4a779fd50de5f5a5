/**
 * What a notification carries: texts of less than 8,000 bytes, all ASCII.
 * `<process>.<number> h <channel> <seq>` and further lines of it, or `<process>.<number> s <part> <parts> <base64 of signal records>`.
 * The number makes each text unlike any other: equal ones of one transaction are delivered once, and two equal signals are two.
 */
import { randomBytes } from 'node:crypto';
import type { Signal } from '@veche/contracts';
import type { Head } from '../ports.ts';
import { encodeSignals } from '../records/event-records.ts';

/** The server takes less than 8,000 bytes. */
const MAX_BYTES = 7999;
/** Room for who, which and what stands in front. */
const PREFIX_BYTES = 64;

export type Payload =
  | { readonly from: string; readonly heads: readonly Head[] }
  | { readonly from: string; readonly part: number; readonly parts: number; readonly base64: string };

export class PayloadWriter {
  /** Of this process: it does not listen to itself. */
  readonly name = randomBytes(6).toString('base64url');
  private count = 0;

  heads(heads: readonly Head[]): string[] {
    const payloads: string[] = [];
    let lines = '';
    for (const { channel, seq } of heads) {
      const line = ` ${channel} ${seq}`;
      if (lines.length + line.length > MAX_BYTES - PREFIX_BYTES) {
        payloads.push(this.stamped(`h${lines}`));
        lines = '';
      }
      lines += line;
    }
    if (lines !== '') payloads.push(this.stamped(`h${lines}`));
    return payloads;
  }

  /** @throws RangeError if a name is longer than its field */
  signals(signals: readonly Signal[]): string[] {
    if (signals.length === 0) return [];
    const base64 = encodeSignals(signals).toString('base64');
    const size = MAX_BYTES - PREFIX_BYTES;
    const parts = Math.ceil(base64.length / size);
    return Array.from({ length: parts }, (_, at) => this.stamped(`s ${at + 1} ${parts} ${base64.slice(at * size, (at + 1) * size)}`));
  }

  private stamped(text: string): string {
    return `${this.name}.${(this.count++).toString(36)} ${text}`;
  }
}

/** `undefined`: not ours; anybody may notify. */
export function parsePayload(text: string): Payload | undefined {
  const [stamp = '', shape, ...words] = text.split(' ');
  const from = stamp.slice(0, stamp.lastIndexOf('.'));
  if (from === '') return undefined;
  if (shape === 'h') return { from, heads: headsOf(words) };
  const [part, parts, base64] = words;
  return shape === 's' && base64 !== undefined ? { from, part: Number(part), parts: Number(parts), base64 } : undefined;
}

function headsOf(words: readonly string[]): Head[] {
  const heads: Head[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const seq = Number(words[at + 1]);
    if (Number.isSafeInteger(seq)) heads.push({ channel: words[at] as string, seq });
  }
  return heads;
}

/** Puts the parts of signals together. Those of one notifier come in one transaction, hence in order and with nothing in between. */
export class SignalParts {
  private from = '';
  private texts: string[] = [];

  /** The records, once the last part is here. A part whose predecessor was not heard is dropped with its kin. */
  take(payload: Extract<Payload, { readonly parts: number }>): Buffer | undefined {
    const { from, part, parts, base64 } = payload;
    if (part === 1) this.texts = [];
    else if (from !== this.from || part !== this.texts.length + 1) return this.drop();
    this.from = from;
    this.texts.push(base64);
    if (part < parts) return undefined;
    const records = Buffer.from(this.texts.join(''), 'base64');
    this.drop();
    return records;
  }

  drop(): undefined {
    this.from = '';
    this.texts = [];
  }
}
