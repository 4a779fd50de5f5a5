/** Makes rows for docs/configuration.md and chart values from the settings themselves. */
import type { AnySection } from './load.ts';
import { allowedBy, defaultOf } from './problems.ts';
import type { Section } from './setting.ts';

export interface SettingRow {
  readonly section: string;
  readonly name: string;
  /** As written in the environment; undefined when there is none. */
  readonly default: string | undefined;
  /** The process does not start without it. */
  readonly required: boolean;
  readonly allowed: string;
  readonly description: string;
  readonly secret: boolean;
}

/** One row for each setting, in the order of the sections. */
export const describeSettings = (sections: readonly AnySection[]): SettingRow[] => sections.flatMap(rowsOf);

function rowsOf(section: AnySection): SettingRow[] {
  return Object.entries((section as Section).settings).map(([name, { schema, description, secret, aliases }]) => ({
    section: section.name,
    name,
    default: secret ? undefined : defaultOf(schema),
    required: !schema.safeParse(undefined).success,
    allowed: allowedBy(schema),
    description: aliases.length > 0 ? `${description} Also read as ${aliases.join(', ')}.` : description,
    secret,
  }));
}
