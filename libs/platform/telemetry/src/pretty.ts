/** A log record as one line for people: time, level, module, text, then the fields. */
const LEVELS: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };
const COLOURS: Readonly<Record<number, number>> = { 40: 33, 50: 31, 60: 31 };

interface LogRecord extends Record<string, unknown> {
  readonly level: number;
  readonly time: number;
  readonly module?: string;
  readonly msg?: string;
  readonly err?: { readonly stack?: string; readonly message?: string };
}

/** What pino writes to: anything with `write`. */
export const prettyDestination = (target: { write(line: string): unknown }): { write(line: string): void } => ({
  write: (line) => void target.write(prettyLine(line)),
});

export function prettyLine(json: string): string {
  const { level, time, module = '', msg = '', err, pid: _pid, hostname: _host, ...fields } = JSON.parse(json) as LogRecord;
  const clock = new Date(time).toISOString().slice(11, 23);
  const rest = Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
  const head = `${clock} ${(LEVELS[level] ?? String(level)).padEnd(5)} ${module ? `${module}: ` : ''}${msg}`;
  const colour = COLOURS[level];
  return `${colour ? `\u001B[${colour}m${head}\u001B[0m` : head}${rest}${err ? `\n${err.stack ?? err.message ?? ''}` : ''}\n`;
}
