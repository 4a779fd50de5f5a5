/** Arguments of a command: every unknown one is named, with what there is instead. */
import { parseArgs } from 'node:util';
import { type Command, type Given, type OptionSpec, UsageError } from './command.ts';

/** The command that the first words name, and the words after it. @throws UsageError */
export function commandFor(args: readonly string[], commands: readonly Command[]): { readonly command: Command; readonly rest: readonly string[] } {
  for (const command of commands) {
    const words = command.name.split(' ');
    if (words.every((word, index) => args[index] === word)) return { command, rest: args.slice(words.length) };
  }
  const given = args.filter((each) => !each.startsWith('-')).slice(0, 2);
  throw new UsageError(
    `${given.length === 0 ? 'no command given' : `no command "${given.join(' ')}"`}: there are ${commands.map(({ name }) => name).join(', ')}`,
  );
}

/** @throws UsageError */
export function parsed(args: readonly string[], command: Command): Given {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: typesOf(command.options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const options: Record<string, string | boolean | undefined> = {};
  for (const token of tokens) if (token.kind === 'option') options[token.name] = checked(token, command);
  if (command.takes === undefined && positionals.length > 0)
    throw new UsageError(`"${positionals[0]}" is not expected: veche ${command.name} takes options only`);
  return { values: { ...values, ...options }, names: positionals };
}

const typesOf = (options: Command['options']): Record<string, { type: 'string' | 'boolean' }> =>
  Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
}

function checked({ name, rawName, value }: OptionToken, { name: command, options }: Command): string | boolean {
  const spec = options[name];
  if (!spec)
    throw new UsageError(
      `no option ${rawName}: veche ${command} has ${Object.keys(options)
        .map((each) => `--${each}`)
        .join(', ')}`,
    );
  if (spec.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
    return true;
  }
  return checkedValue(rawName, value, spec);
}

function checkedValue(rawName: string, value: string | undefined, { allowed, value: shown = '<value>' }: OptionSpec): string {
  if (value === undefined || value === '' || value.startsWith('--'))
    throw new UsageError(`${rawName} wants a value: ${rawName} ${allowed?.join('|') ?? shown}`);
  if (allowed && !allowed.includes(value)) throw new UsageError(`${rawName} is ${allowed.join(' or ')}, not "${value}"`);
  return value;
}

/** @throws UsageError when it is no whole number of at least 1 */
export function countOf(value: string | boolean | undefined, option: string, otherwise: number): number {
  if (typeof value !== 'string') return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new UsageError(`--${option} is a whole number from 1 on, not "${value}"`);
  return Number(value);
}
