/** What the suites of all shapes share. */
import { VecheError } from '@veche/contracts';
import type { Handlers, MessagingAdapter, MessagingConfig } from '../../src/index.ts';

/** Adapters of one suite: opened by its tests, stopped after each. */
export interface Stage {
  readonly opened: MessagingAdapter[];
  /** Not serving yet. */
  open(settings: Partial<MessagingConfig>): Promise<MessagingAdapter>;
  start(handlers: Partial<Handlers>, settings?: Partial<MessagingConfig>): Promise<MessagingAdapter>;
}

/** A door that opens once. */
export function gate(): { readonly opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

export const refusedWith = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (error instanceof VecheError ? error.error : String(error)),
  );
