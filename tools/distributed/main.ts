// Behind `npm run start:distributed`: the whole constellation on one machine, with real servers, and nothing left running afterwards.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../dev/arguments.ts';
import { guarded, stopOn } from '../dev/start.ts';
import { provideServers } from '../run/servers.ts';
import { Refusal } from '../dev/refusal.ts';
import { HELP } from './help.ts';
import { Distributed } from './distributed.ts';
import { printer } from './log-tail.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await guarded(async () => {
  const given = readArguments(process.argv.slice(2), process.env, HELP);
  if (given.help) return say(HELP);
  const missing = provideServers();
  if (missing.length > 0) throw new Refusal(`servers are missing on this machine:\n  ${missing.join('\n  ')}`);
  const typedIn = process.env['INIT_CWD'] ?? process.cwd();
  const data = given.data === undefined ? undefined : resolve(typedIn, given.data);
  const distributed = new Distributed({ ...given, data }, { root: ROOT, env: process.env, print: printer(say, process.stdout.isTTY) });
  const listenNoMore = stopOn(() => {
    say('\nveche: stopping: edges, then services, then servers …');
    distributed.stop();
  });
  await distributed.run(say).finally(listenNoMore);
  say('veche: stopped');
});
