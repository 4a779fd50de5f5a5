/** Which kinds of notice a person gets: all that are not off. */
import { NOTICE_KINDS, type NoticeKind, type SetPreferences } from '@veche/contracts';

export type Kinds = Record<NoticeKind, boolean>;

export const kindsFrom = (off: readonly string[]): Kinds => ({
  mention: !off.includes('mention'),
  reply: !off.includes('reply'),
  added: !off.includes('added'),
  absent: !off.includes('absent'),
});

/** Kinds that are not named stay as they are. */
export function merged(before: Kinds, wanted: SetPreferences): Kinds {
  const after = { ...before };
  for (const kind of NOTICE_KINDS) after[kind] = wanted[kind] ?? before[kind];
  return after;
}
