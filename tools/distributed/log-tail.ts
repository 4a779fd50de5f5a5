/** Many processes on one terminal: a line each says who speaks, when it matters. All of it goes to a file. */
import { appendFileSync } from 'node:fs';

export type Print = (name: string, text: string) => void;

const WIDTH = 15;
const SAME_MS = 5_000;
/** Of pino. */
export const INFO = 30;
const [WARN, ERROR] = [40, 50];

/** What servers write without JSON and somebody should see. */
const LOUD = /\[(warning|error|critical|alert|emerg|warn|crit)\]|\b(WARNING|ERROR|FATAL|PANIC)\b/;
/** What is said whenever a client goes away, a server was told to end, or a Redis starts on a machine that is nobody's server. */
const QUIET = /closing AMQP connection|client unexpectedly closed|upstream prematurely closed|server conn crashed|got SIG|overcommit|rebuilding indices/i;
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const COLOUR = /\u001B\[[\d;]*m/g;

/** When a server said it: the terminal shows it as it comes. */
const STAMP = /^\d{4}-\d\d-\d\d[ T]\S+( UTC)? (\[\d+\] )?/;
/** What tells one connection from the next. */
const PARTICULAR = /0x[\da-f]+|<[\d.]+>|\d+/g;

const PAINT: Readonly<Record<'dim' | 'warn' | 'error', string>> = { dim: '\u001B[2m', warn: '\u001B[33m', error: '\u001B[31m' };

/** Prints one line of a process under its name. */
export function printer(say: (line: string) => void, colours: boolean): Print {
  return (name, text) => say(`${colours ? PAINT.dim : ''}${name.padEnd(WIDTH)}${colours ? '\u001B[0m' : ''} ${text}`);
}

/** Cuts what comes in pieces into lines, keeps all and shows what people want to read. */
export class LogTail {
  readonly #print: Print;
  readonly #file: string;
  readonly #rests = new Map<string, string>();
  readonly #said = new Map<string, number>();
  /** While things start, only what is wrong is worth reading. */
  level: number = WARN;

  constructor(file: string, print: Print) {
    this.#file = file;
    this.#print = print;
  }

  write(name: string, text: string): void {
    const lines = ((this.#rests.get(name) ?? '') + text).split('\n');
    this.#rests.set(name, lines.pop() ?? '');
    for (const line of lines) this.#line(name, line);
  }

  #line(name: string, line: string): void {
    if (line.trim() === '') return;
    try {
      appendFileSync(this.#file, `${name.padEnd(WIDTH)} ${line}\n`, { mode: 0o600 });
    } catch (error) {
      // A full disk must not end what runs; the terminal still has what is loud.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
    const shown = forPeople(line, this.level);
    if (shown !== undefined && !this.#justSaid(`${name} ${shown.replaceAll(PARTICULAR, '#')}`)) this.#print(name, shown);
  }

  /** Each connection of a process reports the same loss: once is enough to read. */
  #justSaid(what: string): boolean {
    const now = performance.now();
    for (const [old, at] of this.#said) if (now - at > SAME_MS) this.#said.delete(old);
    const known = this.#said.has(what);
    this.#said.set(what, now);
    return known;
  }
}

interface Entry {
  readonly level?: number;
  readonly time?: number | string;
  readonly msg?: string;
  readonly module?: string;
  readonly err?: { readonly message?: string };
}

/** Undefined: nothing that anybody would want to read as it comes. */
export function forPeople(line: string, from: number = INFO): string | undefined {
  const entry = entryOf(line);
  if (entry?.msg === undefined) return LOUD.test(line) && !QUIET.test(line) ? line.replaceAll(COLOUR, '').replace(STAMP, '').trim() : undefined;
  const { level = INFO, msg, err } = entry;
  if (level < from) return undefined;
  return `${levelName(level)}${[msg, err?.message].filter(Boolean).join(': ')}`;
}

function levelName(level: number): string {
  if (level >= ERROR) return 'error: ';
  return level >= WARN ? 'warning: ' : '';
}

function entryOf(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
