/** A Markdown table; a pipe or a line break in a cell must not end it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Whose tables are filled in, and where what they say is written. */
export interface Filled {
  readonly page: string;
  readonly source: string;
}

const PROTOCOL: Filled = { page: 'docs/protocol.md', source: 'libs/contracts' };

/**
 * Puts each text between its markers, `<!-- generated:<name> … -->` and `<!-- /generated:<name> -->`.
 * @throws when the page lacks a marker: a table that is not shown anywhere is a mistake
 */
export function fill(text: string, contents: Readonly<Record<string, string>>, { page, source } = PROTOCOL): string {
  return Object.entries(contents).reduce((filled, [name, content]) => {
    const between = new RegExp(`<!-- generated:${name}( [^>]*)?-->[^]*?<!-- /generated:${name} -->`);
    if (!between.test(filled)) throw new Error(`${page} has no markers <!-- generated:${name} --> … <!-- /generated:${name} -->`);
    return filled.replace(between, () => `<!-- generated:${name} by npm run generate; edit ${source} instead -->\n\n${content}\n\n<!-- /generated:${name} -->`);
  }, text);
}
