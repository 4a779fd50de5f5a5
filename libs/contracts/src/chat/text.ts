import { z } from 'zod';

const NUL = '\u0000';

/** What people write: any script, but no lone surrogate and no NUL, which Postgres `text` cannot hold. */
const writable = (text: z.ZodString): z.ZodString =>
  text.refine((written) => written.isWellFormed() && !written.includes(NUL), 'must be well-formed Unicode without NUL');

export const plainText = (max: number): z.ZodString => writable(z.string().min(1, 'must not be empty').max(max));
export const Title = writable(z.string().trim().min(1, 'must not be empty').max(200));
