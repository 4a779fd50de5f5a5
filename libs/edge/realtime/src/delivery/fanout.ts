/** The native send loop (native/send-loop.c): optional, compiled at build where there is a C compiler. */
import { createRequire } from 'node:module';
import { constants } from 'node:os';

/**
 * Sends the frame on each of the first `count` descriptors without blocking. `results`: bytes that the kernel took, or minus the
 * error number. @throws TypeError when `count` is larger than an array
 */
export type Fanout = (descriptors: Int32Array, frame: Buffer, results: Int32Array, count: number) => void;

const COMPILED = '../../dist/send-loop.node';

/** `undefined`: not compiled here, or it does not do what it should. */
export function loadFanout(): Fanout | undefined {
  try {
    const fanout = createRequire(import.meta.url)(COMPILED) as Fanout;
    return works(fanout) ? fanout : undefined;
  } catch {
    return undefined;
  }
}

/** A descriptor that cannot exist is told as such, and what lies behind the count is left alone. */
function works(fanout: Fanout): boolean {
  const results = Int32Array.of(0, 7);
  fanout(Int32Array.of(-1, -1), Buffer.from('x'), results, 1);
  return results[0] === -constants.errno.EBADF && results[1] === 7;
}
