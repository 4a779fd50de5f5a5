/** Fields that many messages share. */
import { z } from 'zod';
import { MAX_COMMAND_ID } from './limits.ts';

export const CommandId = z
  .string()
  .regex(new RegExp(`^[\\x21-\\x7e]{1,${MAX_COMMAND_ID}}$`), 'must be 1 to 64 printable ASCII characters without spaces, minted by the client');
export const UserId = z.string().regex(/^[A-Za-z0-9_.:/@|+=~-]{1,96}$/, 'must be 1 to 96 characters of A-Z a-z 0-9 _ . : / @ | + = ~ -');
/** In lower case, as the log writes it. */
export const EventId = z.uuid().toLowerCase();
export const Seq = z.int().min(0);
