import { publication } from '../delivery/documents.ts';
import type { Joined } from '../subscribe/wish.ts';

/** JSON text of a SubscribeResult; zero values are left out, as the reference does. */
export function subscribeResult(joined: Joined): string {
  const fields: string[] = [];
  if (joined.ttl > 0) fields.push(`"expires":true,"ttl":${joined.ttl}`);
  if (joined.recoverable) fields.push('"recoverable":true');
  if (joined.positioned) fields.push('"positioned":true');
  if (joined.epoch !== '') fields.push(`"epoch":"${joined.epoch}"`);
  if (joined.offset > 0) fields.push(`"offset":${joined.offset}`);
  if (joined.wasRecovering) fields.push('"was_recovering":true');
  if (joined.recovered) fields.push('"recovered":true');
  if (joined.publications.length > 0) fields.push(`"publications":[${joined.publications.map(publication).join(',')}]`);
  if (joined.data !== undefined) fields.push(`"data":${JSON.stringify(joined.data)}`);
  return `{${fields.join(',')}}`;
}
