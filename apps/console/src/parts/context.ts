import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Console } from '../live/console.ts';
import { current, useStore } from '../state/store.ts';
import type { State, User } from '../state/model.ts';

const ConsoleContext = createContext<Console | null>(null);
export const ConsoleProvider = ConsoleContext.Provider;

export function useConsole(): Console {
  const console = useContext(ConsoleContext);
  if (!console) throw new Error('views are drawn inside ConsoleProvider');
  return console;
}

const peopleOf = (state: State): State['people'] => state.people;
const meOf = (state: State): User | null => state.me;

/** The name of a user id; an ellipsis until the answer to `people.want` is there. */
export function useNames(): (id: string) => string {
  const people = useStore(peopleOf);
  return (id) => people[id]?.name ?? '…';
}

export const useMe = (): string => useStore(meOf)?.id ?? current().me?.id ?? '';
