/** `veche dlq`: what was given up, and what becomes of it. */
import type { DeadLetter, DeadLetters, DeadShape } from '@veche/platform-messaging';
import { type Command, EXIT, type Given, type OptionSpec, type Output, UsageError } from './command.ts';
import { countOf } from './parse.ts';
import { json, short, table, time, visible } from './table.ts';

/** Opens the dead queues, and closes them when `use` has ended. */
export type WithDeadLetters = <T>(use: (letters: DeadLetters) => Promise<T>) => Promise<T>;

const SHAPES = ['commands', 'work'] as const satisfies readonly DeadShape[];
const QUEUE: OptionSpec = { type: 'string', allowed: SHAPES, description: 'Only this dead queue; default: both.' };
const JSON_OPTION: OptionSpec = { type: 'boolean', description: 'As JSON, with everything that is known.' };
const YES: OptionSpec = { type: 'boolean', description: 'Do it; without, only what would be done is said.' };
const ALL: OptionSpec = { type: 'boolean', description: 'All of them, instead of those named.' };

const shapesOf = ({ values }: Given): readonly DeadShape[] => SHAPES.filter((shape) => values['queue'] === undefined || values['queue'] === shape);

export function dlqCommands(open: WithDeadLetters): Command[] {
  return [
    {
      name: 'dlq list',
      summary: 'Lists what was given up, oldest first; nothing is changed.',
      options: { queue: QUEUE, limit: { type: 'string', value: '<n>', description: 'At most so many of each queue; default 100.' }, json: JSON_OPTION },
      run: (given, output) => open((letters) => list(letters, given, output)),
    },
    {
      name: 'dlq show',
      takes: '<id>',
      summary: 'Shows one with its history and its content. The id is the message’s, a unit’s or a command’s.',
      options: { queue: QUEUE, json: JSON_OPTION },
      run: (given, output) => open((letters) => show(letters, given, output)),
    },
    {
      name: 'dlq redrive',
      takes: '<id>… | --all',
      summary: 'Sends them again under the same keys: what was done already is not done twice.',
      options: { queue: QUEUE, all: ALL, yes: YES, json: JSON_OPTION },
      run: (given, output) => open((letters) => redrive(letters, given, output)),
    },
    {
      name: 'dlq purge',
      takes: '<id>… | --all',
      summary: 'Throws them away for good.',
      options: { queue: QUEUE, all: ALL, yes: YES, json: JSON_OPTION },
      run: (given, output) => open((letters) => purge(letters, given, output)),
    },
  ];
}

async function list(letters: DeadLetters, given: Given, { stdout }: Output): Promise<number> {
  const limit = countOf(given.values['limit'], 'limit', 100);
  const found: DeadLetter[] = [];
  let depth = 0;
  for (const shape of shapesOf(given)) {
    depth += await letters.depth(shape);
    found.push(...(await letters.list(shape, { limit })));
  }
  if (given.values['json']) stdout.write(json(found.map(plain)));
  else if (depth === 0) stdout.write('nothing was given up\n');
  else stdout.write(`${tableOf(found)}\n\n${found.length} of ${depth}\n`);
  return EXIT.done;
}

async function show(letters: DeadLetters, given: Given, { stdout, stderr }: Output): Promise<number> {
  if (given.names.length !== 1) throw new UsageError('veche dlq show wants one id: veche dlq list shows them');
  const found = (await Promise.all(shapesOf(given).map((shape) => letters.list(shape, { wanted: wantedBy(given) })))).flat();
  if (found.length === 0) {
    stderr.write(`nothing dead has the id ${given.names[0]}\n`);
    return EXIT.failed;
  }
  stdout.write(given.values['json'] ? json(found.map(plain)) : visible(found.map(details).join('\n')));
  return EXIT.done;
}

async function redrive(letters: DeadLetters, given: Given, output: Output): Promise<number> {
  const refused = await unconfirmed(letters, given, output, 'redrive');
  if (refused !== undefined) return refused;
  let [sent, kept] = [0, 0];
  for (const shape of shapesOf(given)) {
    const result = await letters.redrive(shape, wantedBy(given));
    sent += result.redriven.length;
    kept += result.kept.length;
    for (const { letter, reason } of result.kept) output.stderr.write(`${short(letter.id, 80)} stays: ${reason}\n`);
  }
  output.stdout.write(given.values['json'] ? json({ redriven: sent, kept }) : `${sent} sent again${kept > 0 ? `, ${kept} stay` : ''}\n`);
  return kept > 0 ? EXIT.failed : EXIT.done;
}

async function purge(letters: DeadLetters, given: Given, output: Output): Promise<number> {
  const refused = await unconfirmed(letters, given, output, 'purge');
  if (refused !== undefined) return refused;
  let purged = 0;
  for (const shape of shapesOf(given)) purged += (await letters.purge(shape, wantedBy(given))).length;
  output.stdout.write(given.values['json'] ? json({ purged }) : `${purged} thrown away\n`);
  return EXIT.done;
}

/** An exit code when nothing may be done: nothing named, nothing found, or not confirmed. */
async function unconfirmed(letters: DeadLetters, given: Given, { stdout, stderr }: Output, verb: string): Promise<number | undefined> {
  if (given.values['all'] ? given.names.length > 0 : given.names.length === 0)
    throw new UsageError(`veche dlq ${verb} wants ids, or --all: veche dlq list shows them`);
  if (given.values['all'] && given.values['yes']) return undefined;
  const found = (await Promise.all(shapesOf(given).map((shape) => letters.list(shape, { wanted: wantedBy(given) })))).flat();
  const missing = given.names.filter((name) => !found.some((letter) => isNamed(letter, name)));
  if (missing.length > 0) {
    stderr.write(`nothing dead has the id ${missing.join(', ')}; nothing was done\n`);
    return EXIT.failed;
  }
  if (given.values['yes'] || found.length === 0) return undefined;
  stdout.write(`${tableOf(found)}\n\n`);
  stderr.write(`nothing was done: add --yes to ${verb} ${found.length === 1 ? 'it' : `these ${found.length}`}\n`);
  return EXIT.unconfirmed;
}

const isNamed = ({ id, keys }: DeadLetter, name: string): boolean => id === name || keys.includes(name);
const wantedBy = ({ values, names }: Given): ((letter: DeadLetter) => boolean) =>
  values['all'] ? () => true : (letter) => names.some((name) => isNamed(letter, name));

const tableOf = (letters: readonly DeadLetter[]): string =>
  table(
    ['id', 'queue', 'kind', 'keys', 'attempts', 'first failed', 'cause'],
    letters.map((letter) => [
      short(letter.id, 80),
      letter.shape,
      short(letter.kinds.join(' ') || 'unreadable', 40),
      short(letter.keys.join(' '), 40),
      String(letter.attempts),
      time(letter.firstFailedAt),
      short(letter.cause, 60),
    ]),
  );

const details = (letter: DeadLetter): string =>
  [
    `id            ${letter.id}`,
    `queue         ${letter.shape}`,
    `died in       ${letter.origin}`,
    `kinds         ${letter.kinds.join(' ')}`,
    `keys          ${letter.keys.join(' ')}`,
    `attempts      ${letter.attempts}`,
    `first failed  ${time(letter.firstFailedAt)}`,
    `cause         ${letter.cause}`,
    ...letter.history.map(({ at, cause }) => `              ${time(at)}  ${short(cause, 200)}`),
    `bytes         ${letter.bytes}`,
    `content       ${JSON.stringify(letter.unit ?? letter.commands ?? null, undefined, 2)}`,
    '',
  ].join('\n');

const plain = ({ unit, commands, ...letter }: DeadLetter): object => ({ ...letter, content: unit ?? commands ?? null });
