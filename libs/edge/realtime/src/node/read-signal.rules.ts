import type { Signal } from '@veche/contracts';
import type { z } from 'zod';

/** What a signal of another process says; `undefined` if it cannot be read: one bad signal must not cost those behind it. */
export function readSignal<S extends z.ZodType>(schema: S, { data }: Signal): z.infer<S> | undefined {
  try {
    const read = schema.safeParse(JSON.parse(data));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
