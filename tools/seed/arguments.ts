import { parseArgs } from 'node:util';
import { messageOf, Refusal } from '../dev/refusal.ts';

/** What is seeded: the same for the same numbers and the same word. */
export interface Scale {
  readonly users: number;
  readonly threads: number;
  readonly messages: number;
  readonly seed: string;
}

export interface Arguments extends Scale {
  readonly help: boolean;
  readonly password: string;
  /** As given, relative to the folder the command was typed in. */
  readonly data: string | undefined;
}

export const HELP = `npm run seed -- [options]

  --users N        people to sign in as (default 10000)
  --threads N      threads they talk in (default 5000)
  --messages N     messages in all threads together (default 100000)
  --password TEXT  of every new one of these people (default veche-seed)
  --seed TEXT      another word gives other people, threads and texts (default veche)
  --data DIR       data folder of npm start (default ./data in the checkout)
  --help           this text

Writes into the database of PG_URL, or else into the data folder of npm start, whether that is running or not.
A second run with the same options adds nothing; one that was interrupted is completed.
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  users: { type: 'string', default: '10000' },
  threads: { type: 'string', default: '5000' },
  messages: { type: 'string', default: '100000' },
  password: { type: 'string', default: 'veche-seed' },
  seed: { type: 'string', default: 'veche' },
  data: { type: 'string' },
} as const;

/** @throws Refusal when an option is unknown or its value is not allowed */
export function readArguments(args: readonly string[]): Arguments {
  const { help, data, password, seed, ...counts } = parse(args);
  if (password.length < 8) throw new Refusal('--password must have at least 8 characters');
  if (data === '') throw new Refusal('--data needs a folder');
  if (!/^[a-z0-9-]{1,20}$/.test(seed)) throw new Refusal('--seed must be 1 to 20 characters of a-z 0-9 -');
  const users = count('--users', counts.users, 2, 1_000_000);
  const threads = count('--threads', counts.threads, 0, 1_000_000);
  const messages = count('--messages', counts.messages, 0, 100_000_000);
  if (messages > 0 && threads === 0) throw new Refusal('--messages need --threads to be in: give both, or --messages 0');
  return { help, data, password, seed, users, threads, messages };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new Refusal(`${messageOf(error).split('. ')[0]}\n\n${HELP}`);
  }
}

function count(name: string, text: string, min: number, max: number): number {
  const number = /^\d{1,12}$/.test(text) ? Number(text) : -1;
  if (number < min || number > max) throw new Refusal(`${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
  return number;
}
