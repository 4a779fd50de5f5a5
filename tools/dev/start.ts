import { resolve } from 'node:path';
import { type Arguments, HELP, readArguments } from './arguments.ts';
import type { DataFolder } from './data-folder.ts';
import { Installation } from './installation.ts';
import { hostsOf, originOf } from './ports.ts';
import { Refusal } from './refusal.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs until it is told to stop. @param root of the checkout, where the built apps are */
async function run(root: string): Promise<void> {
  const given = readArguments(process.argv.slice(2), process.env);
  if (given.help) return say(HELP);
  // npm changes to the package's root; INIT_CWD is where the command was typed.
  const typedIn = process.env['INIT_CWD'] ?? process.cwd();
  const placed: Arguments = { ...given, data: given.data === undefined ? undefined : resolve(typedIn, given.data) };
  const installation = new Installation(placed, { root, env: process.env, say: (line) => say(`veche: ${line}`) });
  const stop = (): void => {
    say('\nveche: stopping …');
    installation.stop();
  };
  const listenNoMore = stopOn(stop);
  await installation.run((folder, apiKey) => say(welcome(placed, folder, apiKey))).finally(listenNoMore);
  say('veche: stopped');
}

/**
 * The terminal and the runner both pass Ctrl-C on: the first asks to stop, repeats change nothing.
 * @returns what to call before we part from the runner ourselves, which is no reason to stop
 */
export function stopOn(stop: () => void): () => void {
  let asked = false;
  const once = (): void => {
    if (!asked) stop();
    asked = true;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, once);
  // The runner was killed: nobody is left to tell us.
  if (process.connected) process.on('disconnect', once);
  return () => void process.off('disconnect', once);
}

const welcome = ({ port, privatePort }: Arguments, folder: DataFolder, apiKey: string | undefined): string => `
Veche is ready.

  Page      ${originOf(hostsOf(process.env).host, port)}
  Health    ${originOf(hostsOf(process.env).privateHost, privatePort)}/health/ready   (metrics: /metrics)
  API key   ${apiKey ?? 'as in AUTH_API_KEYS'}   (for backends, on /api)
  Data      ${folder.path}${folder.ephemeral ? '   (removed at the end)' : ''}

Open the page in two windows, sign in with two names and chat.
From a terminal: docs/doors.md has a curl line for every door.
Ctrl-C stops it${folder.ephemeral ? '' : '; the data stays, and the next start goes on from there'}.
`;

/** Behind `npm start`. @param root of the checkout */
export const start = (root: string): Promise<void> => guarded(() => run(root));

/** Says what went wrong and sets the exit code; throws nothing. */
export async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(
      error instanceof Refusal ? `veche: ${error.message}\n` : `veche: unexpected: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  }
  if (process.connected) process.disconnect();
}
