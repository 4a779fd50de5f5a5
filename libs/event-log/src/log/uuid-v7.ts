/** UUIDv7: ids that sort by the time they were minted, so that the index over them grows at one end. */
import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafe(8 * 256);
let used = pool.length;
let last = 0;
let counter = 0;

/** Rises strictly within the process, also within a millisecond and when the clock steps back. */
export function uuidV7(now: number = Date.now()): string {
  if (now > last) {
    last = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    last += 1;
    counter = 0;
  }
  const time = last.toString(16).padStart(12, '0');
  const random = randomHex();
  const variant = (0x8 | (Number.parseInt(random.charAt(0), 16) & 0x3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${random.slice(1, 4)}-${random.slice(4)}`;
}

/** 64 bits; the kernel is asked once for 256 ids. */
function randomHex(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 8;
  return pool.toString('hex', used - 8, used);
}
