import ts from 'typescript';

export interface Import {
  readonly specifier: string;
  readonly names: readonly string[];
  readonly line: number;
  readonly typeOnly: boolean;
}

export interface Measured {
  readonly name: string;
  readonly line: number;
  readonly size: number;
}

export interface Located {
  readonly text: string;
  readonly line: number;
}

/** What the checks want to know of one TypeScript file. */
export interface Source {
  readonly path: string;
  readonly lines: number;
  readonly commentLines: number;
  readonly imports: readonly Import[];
  /** Names of classes, interfaces and types. */
  readonly declared: readonly Located[];
  readonly strings: readonly Located[];
  /** Lines of each function; one that is written inside another is not counted to it. */
  readonly functions: readonly Measured[];
  /** Parameters of each constructor of a decorated class: what is injected. */
  readonly injected: readonly Measured[];
  readonly methods: readonly Located[];
  /** The text with comments and strings blanked, line by line. */
  readonly code: readonly string[];
  readonly text: readonly string[];
}

export function readSource(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const found = {
    imports: [] as Import[],
    declared: [] as Located[],
    strings: [] as Located[],
    functions: [] as Measured[],
    injected: [] as Measured[],
    methods: [] as Located[],
  };
  const blanks: (readonly [number, number])[] = [];
  const lineOf = (node: ts.Node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const visit = (node: ts.Node): void => {
    collectImport(node, lineOf, found.imports);
    if ((ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && node.name)
      found.declared.push({ text: node.name.text, line: lineOf(node.name) });
    if (ts.isStringLiteralLike(node)) found.strings.push({ text: node.text, line: lineOf(node) });
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) ||
      ts.isTemplateTail(node) ||
      ts.isRegularExpressionLiteral(node) ||
      ts.isJsxText(node)
    )
      blanks.push([node.getStart(file), node.end]);
    if (ts.isMethodDeclaration(node)) found.methods.push({ text: node.name.getText(file), line: lineOf(node) });
    if (ts.isConstructorDeclaration(node) && ts.canHaveDecorators(node.parent) && ts.getDecorators(node.parent)?.length)
      found.injected.push({ name: nameOf(node, file), line: lineOf(node), size: node.parameters.length });
    if (ts.isFunctionLike(node) && 'body' in node && node.body)
      found.functions.push({ name: nameOf(node, file), line: lineOf(node), size: sizeOf(node as ts.Node & { body: ts.Node }, file) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  const comments = commentsOf(file, text);
  return {
    path,
    ...found,
    lines: countLines(text),
    commentLines: commentLines(file, comments, text),
    code: blanked(text, [...blanks, ...comments]),
    text: text.split('\n'),
  };
}

function collectImport(node: ts.Node, lineOf: (node: ts.Node) => number, into: Import[]): void {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const bindings = node.importClause?.namedBindings;
    const elements = bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
    const allTypes = elements.length > 0 && elements.every((element) => element.isTypeOnly) && !node.importClause?.name;
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword || allTypes;
    into.push({
      specifier: node.moduleSpecifier.text,
      names: elements.map((element) => (element.propertyName ?? element.name).text),
      line: lineOf(node),
      typeOnly,
    });
  } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    into.push({ specifier: node.moduleSpecifier.text, names: [], line: lineOf(node), typeOnly: node.isTypeOnly });
  } else if (
    ts.isCallExpression(node) &&
    node.expression.kind === ts.SyntaxKind.ImportKeyword &&
    node.arguments[0] &&
    ts.isStringLiteralLike(node.arguments[0])
  ) {
    into.push({ specifier: node.arguments[0].text, names: [], line: lineOf(node), typeOnly: false });
  } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    into.push({ specifier: node.argument.literal.text, names: [], line: lineOf(node), typeOnly: true });
  }
}

function nameOf(node: ts.SignatureDeclaration, file: ts.SourceFile): string {
  if (ts.isConstructorDeclaration(node)) return `constructor of ${node.parent.name?.text ?? 'a class'}`;
  if (node.name) return node.name.getText(file);
  const { parent } = node;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText(file) : 'a function';
}

/** Lines of the function without those of the functions in it that have a block of their own. */
function sizeOf(node: ts.Node & { body: ts.Node }, file: ts.SourceFile): number {
  const rows = (each: ts.Node) => file.getLineAndCharacterOfPosition(each.end).line - file.getLineAndCharacterOfPosition(each.getStart(file)).line + 1;
  let size = rows(node);
  const inner = (each: ts.Node): void => {
    if (ts.isFunctionLike(each) && 'body' in each && each.body) size -= Math.max(0, rows(each) - 1);
    else ts.forEachChild(each, inner);
  };
  ts.forEachChild(node.body, inner);
  return size;
}

function commentsOf(file: ts.SourceFile, text: string): (readonly [number, number])[] {
  const found = new Map<number, number>();
  const visit = (node: ts.Node): void => {
    for (const range of [...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []), ...(ts.getTrailingCommentRanges(text, node.end) ?? [])])
      found.set(range.pos, range.end);
    // JSX text may hold what looks like a comment.
    if (!ts.isJsxText(node)) node.getChildren(file).forEach(visit);
  };
  visit(file);
  return [...found];
}

function commentLines(file: ts.SourceFile, comments: readonly (readonly [number, number])[], text: string): number {
  const lines = new Set<number>();
  for (const [start, end] of comments) {
    // A remark behind code counts to the code.
    if (text.slice(text.lastIndexOf('\n', start) + 1, start).trim() !== '') continue;
    for (let line = file.getLineAndCharacterOfPosition(start).line; line <= file.getLineAndCharacterOfPosition(end).line; line++) lines.add(line);
  }
  return lines.size;
}

function blanked(text: string, ranges: readonly (readonly [number, number])[]): string[] {
  const characters = [...Array(text.length).keys()].map((index) => text[index] ?? '');
  for (const [start, end] of ranges) for (let index = start; index < end; index++) if (characters[index] !== '\n') characters[index] = ' ';
  return characters.join('').split('\n');
}

const countLines = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
