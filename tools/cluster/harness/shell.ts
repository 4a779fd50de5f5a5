/** Other programs, run with their output kept: what they said is the error. */
import { spawn } from 'node:child_process';

export interface RunOptions {
  /** Goes to standard input. */
  readonly input?: string;
  /** Milliseconds; default ten minutes. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
}

/**
 * Standard output of a program.
 * @throws Error with the command and all it printed, when it ends with anything but 0
 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, output, errors } = await outcome(program, args, options);
  if (code === 0) return output;
  throw new Error(`${program} ${args.join(' ')}\nended with ${code}:\n${errors}${output}`);
}

export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** As `run`, for commands whose failure is an answer too. */
export function outcome(program: string, args: readonly string[], { input = '', timeoutMs = 600_000, cwd }: RunOptions = {}): Promise<Outcome> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs, ...(cwd !== undefined && { cwd }) });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdin.on('error', () => undefined); // who does not read its input says why on the other streams
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, output, errors: `${errors}${error.message}\n` }));
    child.once('close', (code, signal) => resolve({ code: code ?? 1, output, errors: signal ? `${errors}${program} ended by ${signal}\n` : errors }));
  });
}
