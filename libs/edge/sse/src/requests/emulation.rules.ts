/** The uplink of a stream: `{"session", "node", "data"}`, where `data` is a string of commands joined by newlines; the session names its node as well. */
import { MAX_MESSAGE_BYTES, VecheError } from '@veche/contracts';
import { z } from 'zod';

/** A command of 65,536 bytes may be written with an escape for every byte of it. */
export const MAX_EMULATION_BYTES = MAX_MESSAGE_BYTES * 6 + 4_096;

const Uplink = z.object({ session: z.string().min(1).max(256), node: z.string().max(256).default(''), data: z.string() });
export type Uplink = z.infer<typeof Uplink>;

/** @throws VecheError `bad_request`; `too_large` when the decoded commands are more than a message may have. */
export function readUplink(value: unknown): Uplink {
  const uplink = Uplink.safeParse(value);
  if (!uplink.success) throw new VecheError('bad_request', 'send {"session": …, "node": …, "data": "<commands as one string>"}');
  if (Buffer.byteLength(uplink.data.data) > MAX_MESSAGE_BYTES) throw new VecheError('too_large');
  return uplink.data;
}
