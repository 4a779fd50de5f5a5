import { table } from '../tables.ts';
import { childrenOf, definitionOf, type Schema, typesOf } from './schema.ts';

/** What may be set, in the order of values.yaml; a definition that several values share has a table of its own. */
export function valuesTables(schema: Schema, definitions: Readonly<Record<string, Schema>>): string {
  // The settings have a page of their own, with their defaults.
  const shared = Object.entries(definitions).filter(([name]) => name !== 'settings');
  return [tableOf(schema), ...shared.map(([name, definition]) => `### ${name}\n\n${intro(definition)}${tableOf(definition)}`)].join('\n\n');
}

const intro = ({ description }: Schema): string => (description ? `${description}\n\n` : '');

const tableOf = (schema: Schema): string => {
  const rows = rowsOf(schema, '');
  return rows.length > 0 ? table(['value', 'type', 'default', 'what it does'], rows) : kindOf(schema);
};

function rowsOf(schema: Schema, path: string): string[][] {
  return childrenOf(schema).flatMap(([end, child]) => {
    const here = `${path}${end}`.replace(/^\./, '');
    const own = child.description || child.$ref ? [[`\`${here}\``, kindOf(child), defaultOf(child), child.description ?? '']] : [];
    return [...own, ...rowsOf(child, here)];
  });
}

function kindOf(schema: Schema): string {
  const definition = definitionOf(schema);
  if (definition === 'settings') return '[settings](../../docs/configuration.md)';
  if (definition) return `[${definition}](#${definition.toLowerCase()})`;
  if (schema.enum) return schema.enum.map((each) => `\`${JSON.stringify(each)}\``).join(', ');
  const inner = schema.items ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
  const types = typesOf(schema).join(' or ') || 'any';
  return inner && !inner.properties ? `${types} of ${kindOf(inner)}` : types;
}

const defaultOf = (schema: Schema): string => ('default' in schema ? `\`${JSON.stringify(schema.default)}\`` : '');
