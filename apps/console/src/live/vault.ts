/**
 * What the browser keeps. A sign-in belongs to one tab, so that two windows can be two people;
 * generated passwords and unanswered commands belong to the browser, so that they outlive the tab.
 */
import type { Tokens } from '@veche/contracts';
import type { Pending } from '../state/model.ts';

/** Somebody who signed in here before. */
export interface Known {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  /** Only a password that was generated here: one that a person chose is never stored. */
  readonly secret?: string;
}

const SESSION = 'veche.session';
const KNOWN = 'veche.known';
const COMMAND = 'veche.command';

export const readSession = (): Tokens | null => read<Tokens>(sessionStorage, SESSION);
export const keepSession = (tokens: Tokens): void => write(sessionStorage, SESSION, tokens);
export const dropSession = (): void => sessionStorage.removeItem(SESSION);

export const knownPeople = (): readonly Known[] => read<Known[]>(localStorage, KNOWN) ?? [];
export const secretOf = (login: string): string | undefined => knownPeople().find((known) => known.login === login)?.secret;

export function remember(known: Known): void {
  write(localStorage, KNOWN, [known, ...knownPeople().filter((other) => other.login !== known.login)].slice(0, 8));
}

export function forget(login: string): void {
  write(
    localStorage,
    KNOWN,
    knownPeople().filter((other) => other.login !== login),
  );
}

/** One key per command: two tabs of one person never overwrite each other's. */
const commandKey = (user: string, id: string): string => `${COMMAND}.${user}.${id}`;

export const keepCommand = (user: string, command: Pending): void => write(localStorage, commandKey(user, command.command_id), command);
export const dropCommand = (user: string, id: string): void => localStorage.removeItem(commandKey(user, id));

export function keptCommands(user: string): readonly Pending[] {
  const keys = names(localStorage).filter((key) => key.startsWith(commandKey(user, '')));
  const commands = keys.map((key) => read<Pending>(localStorage, key)).filter((command) => command !== null);
  return commands.sort((a, b) => a.ts - b.ts);
}

/** What was typed into a thread and not sent. */
const draftKey = (channel: string): string => `veche.draft.${channel}`;

export const readDraft = (channel: string): string => read<string>(sessionStorage, draftKey(channel)) ?? '';
export const keepDraft = (channel: string, text: string): void => write(sessionStorage, draftKey(channel), text || null);

function names(storage: Storage): string[] {
  try {
    return Object.keys(storage);
  } catch {
    return [];
  }
}

function read<T>(storage: Storage, key: string): T | null {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

/** A full or forbidden storage costs convenience, never the page. */
function write(storage: Storage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // The value lives on in memory.
  }
}
