/** How a failure of the server API looks: an error of Centrifugo's table in an answer of 200. */
import { ERRORS } from '@veche/contracts';
import { knownError } from '@veche/edge-realtime';

/** A body that cannot be read at all: 400 as a whole, nothing of it was done. */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody';
}

/** @param onFailure hears of what is ours and not the caller's */
export function apiError(thrown: unknown, onFailure: (error: unknown) => void): { readonly code: number; readonly message: string } {
  const known = knownError(thrown);
  if (known) return { code: ERRORS[known.error].code, message: known.message };
  onFailure(thrown);
  return { code: ERRORS.internal.code, message: ERRORS.internal.meaning };
}
