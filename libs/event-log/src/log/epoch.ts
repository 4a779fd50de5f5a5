import { randomBytes } from 'node:crypto';

/** Identity of a numbering: random and never old + 1, because a second restore would give the same one again. */
export const newEpoch = (): string => randomBytes(6).toString('base64url');
