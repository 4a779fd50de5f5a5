/** What a command of `veche` is: how it is called, and what it does with what it was given. */

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** Shown for the value in the help: `<n>`. */
  readonly value?: string;
  readonly description: string;
  /** Of a string: what may be given; anything else is refused with this list. */
  readonly allowed?: readonly string[];
}

export interface Given {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** What stands beside options: ids. */
  readonly names: readonly string[];
}

export interface Output {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export interface Command {
  /** `dlq list`. */
  readonly name: string;
  readonly summary: string;
  /** What names it takes, as in the usage line: `<id>…`; none: names are refused. */
  readonly takes?: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Resolves with the exit code. */
  run(given: Given, output: Output): Promise<number>;
}

export const EXIT = {
  done: 0,
  /** The broker is away, or something could not be done. */
  failed: 1,
  /** Asked for what there is not. */
  usage: 2,
  /** Nothing was done: it wants `--yes`. */
  unconfirmed: 3,
} as const;

/** The call itself is wrong; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
