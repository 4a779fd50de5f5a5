/** The one place that holds the state; views read it through `useStore`. */
import { useEffect, useState } from 'preact/hooks';
import { NOTHING, type State } from './model.ts';
import { type Action, reduce } from './reduce.ts';

let state: State = NOTHING;
const readers = new Set<() => void>();

export const current = (): State => state;

export function dispatch(action: Action): void {
  const next = reduce(state, action);
  if (next === state) return;
  state = next;
  for (const reader of readers) reader();
}

/** Draws again only when the selected value is another one. */
export function useStore<T>(select: (state: State) => T): T {
  const [value, setValue] = useState(() => select(state));
  const latest = select(state);
  useEffect(() => {
    const read = (): void => setValue(() => select(state));
    readers.add(read);
    read();
    return () => void readers.delete(read);
  }, [select]);
  return Object.is(latest, value) ? value : latest;
}
