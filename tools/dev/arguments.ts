import { parseArgs } from 'node:util';
import { messageOf, Refusal } from './refusal.ts';

export interface Arguments {
  readonly help: boolean;
  readonly ephemeral: boolean;
  /** As given, relative to the folder the command was typed in. */
  readonly data: string | undefined;
  readonly port: number;
  readonly privatePort: number;
}

export const HELP = `npm start -- [options]

  --port N        all doors: page, REST, WebSocket, SSE (default 8000)
  --data DIR      where everything is kept (default ./data in the checkout)
  --ephemeral     keep nothing: a temporary folder, removed at the end
  --help          this text

Health and metrics are on the port after it (8001), or on VECHE_PRIVATE_PORT.
Every setting of docs/configuration.md but PG_URL can be given as an environment variable.
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  ephemeral: { type: 'boolean', default: false },
  data: { type: 'string' },
  port: { type: 'string' },
} as const;

/** @throws Refusal when an option is unknown or its value is not allowed */
export function readArguments(args: readonly string[], env: NodeJS.ProcessEnv, helpText: string = HELP): Arguments {
  const { help, ephemeral, data, port: given } = parse(args, helpText);
  if (ephemeral && data !== undefined) throw new Refusal('--ephemeral keeps no data and --data says where to keep it: give one of them');
  if (data === '') throw new Refusal('--data needs a folder');
  const port = portOf('--port', given) ?? portOf('VECHE_PORT', env['VECHE_PORT']) ?? 8000;
  const privatePort = portOf('VECHE_PRIVATE_PORT', env['VECHE_PRIVATE_PORT']) ?? port + 1;
  if (privatePort === port || privatePort > 65_535)
    throw new Refusal(`health and metrics need a port of their own, not ${privatePort}: set VECHE_PRIVATE_PORT`);
  return { help, ephemeral, data, port, privatePort };
}

function parse(args: readonly string[], helpText: string) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new Refusal(`${messageOf(error).split('. ')[0]}\n\n${helpText}`);
  }
}

function portOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new Refusal(`${name} must be a port from 1 to 65535, not ${JSON.stringify(text)}`);
  return port;
}
