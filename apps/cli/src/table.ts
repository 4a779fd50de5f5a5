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

/** What others wrote must not move the cursor, colour or retitle an operator's terminal; line feeds stay. */
// oxlint-disable-next-line no-control-regex -- those are meant
export const visible = (text: string): string => text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '�');

/** One line, never longer than `most` characters. */
export function short(text: string, most: number): string {
  const line = visible(text.replace(/\s+/g, ' '));
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

export const time = (ms: number | undefined): string => (ms === undefined ? '–' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z'));

export const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
