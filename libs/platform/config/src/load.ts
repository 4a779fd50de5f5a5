/** Reads the environment once: every section validated, every problem reported together. */
import { ConfigError, problemOf } from './problems.ts';
import type { Section } from './setting.ts';
import { type Environment, unknownVariables } from './unknown.ts';

/** A section whatever its settings are. */
// oxlint-disable-next-line typescript/no-explicit-any -- `conflicts` takes the section's own values: contravariant, so `unknown` would refuse every section
export type AnySection = Section<any>;
/** Frozen values of each section by its token. */
export type Configuration = ReadonlyMap<symbol, Readonly<Record<string, unknown>>>;

/**
 * Validates all sections against an environment; an empty string counts as absent.
 * @throws ConfigError with every problem found, each naming its variable
 */
export function loadConfig(sections: readonly AnySection[], env: Environment = process.env): Configuration {
  const unique = [...new Set(sections)];
  const problems = unknownVariables(
    unique.flatMap((section) => Object.keys(section.settings)),
    env,
  );
  const values = new Map(unique.map((section) => [section.token, readSection(section, env, problems)]));
  const all: Readonly<Record<string, unknown>> = Object.assign({}, ...values.values());
  for (const section of unique) if (isComplete(section, all)) problems.push(...section.across(values.get(section.token) as never, all));
  if (problems.length > 0) throw new ConfigError(problems);
  return values;
}

/** The values of one section, for what starts before modules do. */
export const valuesOf = <T extends Section['settings']>(configuration: Configuration, section: Section<T>): Parameters<Section<T>['conflicts']>[0] =>
  configuration.get(section.token) as Parameters<Section<T>['conflicts']>[0];

/** Combinations are judged only among valid values: anything else would accuse twice. */
const isComplete = ({ settings }: AnySection, values: object): boolean => Object.keys(settings).every((name) => name in values);

function readSection(section: AnySection, env: Environment, problems: string[]): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries((section as Section).settings)) {
    const given = givenFor(name, setting, env);
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(problemOf(name, given, setting, parsed.error));
  }
  if (isComplete(section, values)) problems.push(...section.conflicts(values));
  return Object.freeze(values);
}

/** Under its own name, else under the first alias that is there. */
const givenFor = (name: string, { aliases }: Section['settings'][string], env: Environment): string | undefined =>
  [name, ...aliases].map((each) => env[each]).find((value) => value !== undefined && value !== '');
