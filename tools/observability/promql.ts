/** What a query of PromQL asks for, by its syntax tree: which metrics, which of their labels, and how. */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  readonly metric: string;
  /** Labels that its matchers name. */
  readonly labels: readonly string[];
  /** The function that it is the argument of: 'rate'. */
  readonly within: string | undefined;
}

/** Labels that a by, on or group_left clause names, and the metrics below the expression that it belongs to. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly metrics: readonly string[];
}

export interface Query {
  readonly selectors: readonly Selector[];
  readonly groupings: readonly Grouping[];
}

/** Grafana's own durations, which are no PromQL, as any one of the same length: places in the text stay what they are. */
const withoutVariables = (text: string): string => text.replaceAll(/\$__(rate_interval|interval|range)\b/g, (name) => `${'5'.repeat(name.length - 1)}m`);

/** @throws Error that shows where the text is no PromQL */
export function parseQuery(text: string): Query {
  const promql = withoutVariables(text);
  const selectors: Selector[] = [];
  const groupings: Grouping[] = [];
  parser.parse(promql).iterate({
    enter: ({ type, from, node }) => {
      if (type.isError) throw new Error(`no PromQL at '${text.slice(Math.max(0, from - 20), from + 20)}': ${text}`);
      if (type.name === 'VectorSelector') selectors.push(selectorOf(node, promql));
      if (type.name === 'GroupingLabels') groupings.push(groupingOf(node, promql));
    },
  });
  return { selectors, groupings };
}

function selectorOf(node: SyntaxNode, promql: string): Selector {
  const name = node.getChild('Identifier');
  if (!name) throw new Error(`a selector without the name of a metric cannot be checked: ${promql.slice(node.from, node.to)}`);
  return { metric: textOf(name, promql), labels: below(node, 'LabelName').map((label) => textOf(label, promql)), within: functionAround(node, promql) };
}

function groupingOf(node: SyntaxNode, promql: string): Grouping {
  const labels = node.getChildren('LabelName').map((label) => textOf(label, promql));
  const whole = above(node, ['AggregateExpr', 'BinaryExpr']);
  return { labels, metrics: whole ? below(whole, 'VectorSelector').map((each) => selectorOf(each, promql).metric) : [] };
}

/** The nearest call, with nothing but a range between it and the selector. */
function functionAround(node: SyntaxNode, promql: string): string | undefined {
  const body = node.parent?.name === 'MatrixSelector' ? node.parent.parent : node.parent;
  const call = body?.name === 'FunctionCallBody' ? body.parent : undefined;
  const name = call?.getChild('FunctionIdentifier');
  return name ? textOf(name, promql) : undefined;
}

function above(node: SyntaxNode, names: readonly string[]): SyntaxNode | undefined {
  for (let each = node.parent; each; each = each.parent) if (names.includes(each.name)) return each;
  return undefined;
}

function below(node: SyntaxNode, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  node.cursor().iterate((each) => {
    if (each.name === name) found.push(each.node);
  });
  return found;
}

const textOf = ({ from, to }: SyntaxNode, promql: string): string => promql.slice(from, to);
