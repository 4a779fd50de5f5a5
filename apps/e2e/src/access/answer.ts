/** What a door said, in words that all doors share. */
import { ERRORS } from '@veche/contracts';

export interface Said {
  readonly outcome: string;
  /** What the client was shown beside the name: must not tell a forbidden thing from one that does not exist. */
  readonly shown: string;
}

export const OK: Said = { outcome: 'ok', shown: '' };

interface WireError {
  readonly code: number;
  readonly message: string;
}

export function saidOf(error: WireError | undefined): Said {
  if (!error) return OK;
  const name = Object.entries(ERRORS).find(([, { code }]) => code === error.code)?.[0] ?? `code ${error.code}`;
  return { outcome: name, shown: `${error.code} ${error.message}` };
}
