import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import { codeOf } from './refusal.ts';

/** Two files of this size at most. */
const MAX_BYTES = 10 * 1_048_576;
const WARN = 40;

/** The server's log: all of it in a file, warnings and errors also on the terminal in a form for people. */
export class Journal {
  readonly #path: string;
  readonly #show: (line: string) => void;
  #size: number;
  #tail: string[] = [];
  #rest = '';

  constructor(path: string, show: (line: string) => void) {
    this.#path = path;
    this.#show = show;
    this.#size = existsSync(path) ? statSync(path).size : 0;
  }

  /** Takes output as it comes, cut anywhere. */
  write(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  /** Another program writes from now on; the last words will be its own. */
  begin(): void {
    this.#tail = [];
    this.#rest = '';
  }

  /** The last lines, for when the process ends before it is ready. */
  tail(): string {
    return [...this.#tail, this.#rest].filter(Boolean).map(forPeople).join('\n');
  }

  #line(line: string): void {
    this.#tail = [...this.#tail.slice(-29), line];
    this.#store(`${line}\n`);
    if (isLoud(line)) this.#show(forPeople(line));
  }

  #store(line: string): void {
    try {
      if (this.#size > MAX_BYTES) this.#rotate();
      appendFileSync(this.#path, line, { mode: 0o600 });
      this.#size += Buffer.byteLength(line);
    } catch (error) {
      // A full disk must not end the server; the terminal still has what is loud.
      if (codeOf(error) !== 'ENOSPC') throw error;
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    this.#size = 0;
  }
}

interface Entry {
  readonly level?: number;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}

function entryOf(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

const isLoud = (line: string): boolean => (entryOf(line)?.level ?? 0) >= WARN;

function forPeople(line: string): string {
  const entry = entryOf(line);
  return entry?.msg === undefined ? line : [entry.msg, entry.err?.message].filter(Boolean).join(': ');
}
