import { describeSettings, type Section } from '@veche/platform-config';
import { ChartProblem, checkDescribed, closed, mapValues, type Schema } from './schema.ts';

/** Environment variables of the product that are no secrets: those come from a Secret that is there already. */
export const settingsDefinition = (sections: readonly Section[]): Schema => ({
  type: 'object',
  description: 'Settings of docs/configuration.md by the names of their environment variables.',
  additionalProperties: false,
  properties: Object.fromEntries(
    describeSettings(sections)
      .filter(({ secret }) => !secret)
      .map(({ name, description, allowed }) => [name, { type: ['string', 'number', 'boolean'], description: `${description} Allowed: ${allowed}.` }]),
  ),
});

/**
 * The definitions of schema.defs.json, and `settings` where something refers to it.
 * @throws ChartProblem when one is not described, is missing, or is used by nothing
 */
export function definitionsFor(root: Schema, own: Readonly<Record<string, Schema>>, settings: Schema): Readonly<Record<string, Schema>> {
  if ('settings' in own) throw new ChartProblem('schema.defs.json: the definition "settings" is written by npm run generate');
  for (const [name, definition] of Object.entries(own)) checkDescribed(definition, `$defs.${name}`);
  const known = { ...mapValues(own, closed), settings };
  const used = usedBy([root], known);
  const idle = Object.keys(own).find((name) => !used.has(name));
  if (idle) throw new ChartProblem(`schema.defs.json: nothing refers to "${idle}"`);
  return Object.fromEntries(Object.entries(known).filter(([name]) => used.has(name)));
}

function usedBy(schemas: readonly Schema[], known: Readonly<Record<string, Schema>>): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = (schema: Schema): void => {
    for (const [, name = ''] of JSON.stringify(schema).matchAll(/"\$ref":"([^"]*)"/g)) {
      const definition = name.replace('#/$defs/', '');
      if (!known[definition]) throw new ChartProblem(`there is no definition ${name}: write it into schema.defs.json`);
      if (used.has(definition)) continue;
      used.add(definition);
      visit(known[definition]);
    }
  };
  schemas.forEach(visit);
  return used;
}
