/** Shapes that several sections need. */
import { z } from 'zod';

/** `true` or `false` (also 1, 0, yes, no, on, off). */
export const flag = (initially: boolean): z.ZodType<boolean> => z.stringbool().default(initially).meta({ allowed: 'true | false' });

/** A comma-separated list; white space around items is dropped, an absent variable is the default. */
export const list = (initially: readonly string[] = []): z.ZodType<readonly string[]> =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
    .pipe(z.array(z.string()))
    .default([...initially])
    .meta({ allowed: 'text, separated by commas' });

/** Whole numbers separated by commas, at least one. */
export const integers = (initially: readonly number[], { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): z.ZodType<readonly number[]> =>
  z
    .string()
    .transform((text) => text.split(',').map((item) => item.trim()))
    .pipe(z.array(z.coerce.number<string>().int().min(min).max(max)).min(1))
    .default([...initially])
    .meta({ allowed: `whole numbers from ${min}${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}, separated by commas` });
