/** A Markdown table; a pipe or a line break in a cell must not end it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * Puts each text between its markers, `<!-- generated:<name> … -->` and `<!-- /generated:<name> -->`.
 * @throws when the page lacks a marker: a table that is not shown anywhere is a mistake
 */
export function fill(page: string, texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts).reduce((text, [name, content]) => {
    const between = new RegExp(`<!-- generated:${name}( [^>]*)?-->[^]*?<!-- /generated:${name} -->`);
    if (!between.test(text)) throw new Error(`docs/protocol.md has no markers <!-- generated:${name} --> … <!-- /generated:${name} -->`);
    return text.replace(
      between,
      () => `<!-- generated:${name} by npm run generate; edit libs/contracts instead -->\n\n${content}\n\n<!-- /generated:${name} -->`,
    );
  }, page);
}
