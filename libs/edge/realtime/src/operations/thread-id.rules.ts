/** The id of a new thread follows from who creates it by which command, so that a retry reaches the same thread. */
import { createHash } from 'node:crypto';

/**
 * A UUID (version 8) of SHA-256 over actor and command id. NUL parts them: neither can contain it,
 * so no two pairs spell the same input, and nobody can aim at the thread of another actor.
 */
export function threadIdOf(actor: string, commandId: string): string {
  const digest = createHash('sha256').update(`${actor}\0${commandId}`, 'utf8').digest().subarray(0, 16);
  digest[6] = (digest.readUInt8(6) & 0x0f) | 0x80;
  digest[8] = (digest.readUInt8(8) & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
