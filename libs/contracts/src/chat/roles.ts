import { z } from 'zod';

/** In falling order of rights. A reader may not write. */
export const ROLES = ['owner', 'admin', 'member', 'reader'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;
