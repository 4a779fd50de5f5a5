/** Text in columns, for people; programs take --json. */

/** Rows of cells, each column as wide as its widest. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)), []);
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** With a head. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  columns([head, head.map((title) => '-'.repeat(title.length)), ...rows]);

/** One line, never longer than `most` characters. */
export function short(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

export const time = (ms: number | undefined): string => (ms === undefined ? '–' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z'));

export const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
