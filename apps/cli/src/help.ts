/** What `veche help` prints. */
import type { Command } from './command.ts';
import { columns } from './table.ts';

export const overview = (commands: readonly Command[]): string => `veche: looks after a running Veche.

${columns(commands.map((command) => [`  veche ${callOf(command)}`, command.summary]))}

veche help <command> tells more. Settings are those of the services: RABBITMQ_URL, RABBITMQ_PREFIX and the like (docs/configuration.md).
Exit codes: 0 done, 1 could not be done, 2 wrong call, 3 nothing done for want of --yes.
`;

export const helpOf = (command: Command): string => `veche ${callOf(command)}

${command.summary}

${columns(
  Object.entries(command.options).map(([name, { type, value = '<value>', allowed, description }]) => [
    `  --${name}${type === 'string' ? ` ${allowed?.join('|') ?? value}` : ''}`,
    description,
  ]),
)}
`;

const callOf = ({ name, takes }: Command): string => (takes === undefined ? name : `${name} ${takes}`);
