/** From arguments to an exit code: whatever goes wrong ends as one sentence on stderr. */
import { ConfigError } from '@veche/platform-config';
import { type Command, EXIT, type Output, UsageError } from './command.ts';
import { helpOf, overview } from './help.ts';
import { commandFor, parsed } from './parse.ts';

const HELP = new Set(['--help', '-h']);

export async function runCli(args: readonly string[], commands: readonly Command[], output: Output): Promise<number> {
  try {
    const asksHelp = args[0] === 'help' || args.some((each) => HELP.has(each));
    const words = args.filter((each) => each !== 'help' && !HELP.has(each));
    if (words.length === 0) {
      output[asksHelp ? 'stdout' : 'stderr'].write(overview(commands));
      return asksHelp ? EXIT.done : EXIT.usage;
    }
    const { command, rest } = commandFor(words, commands);
    if (asksHelp) {
      output.stdout.write(helpOf(command));
      return EXIT.done;
    }
    return await command.run(parsed(rest, command), output);
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof ConfigError;
    output.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}
