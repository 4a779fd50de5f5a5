/** Declares settings: the schema, the default and the sentence of each stand in one line, and the docs are made from it. */
import type { z } from 'zod';

export interface Setting<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** One sentence for docs/configuration.md: what it does, its unit. */
  readonly description: string;
  /** Never printed. */
  readonly secret: boolean;
  /** Other names of the variable, read while it is absent. */
  readonly aliases: readonly string[];
}

export interface Section<T extends Record<string, Setting> = Record<string, Setting>> {
  readonly name: string;
  readonly settings: T;
  /** Injection token of the validated, frozen values. */
  readonly token: symbol;
  /** Combinations that cannot work; each returned sentence names the variables and what to do. */
  readonly conflicts: (values: ValuesOf<T>) => readonly string[];
  /** The same, with what other sections of the process say: by name, absent where no section has it. */
  readonly across: (values: ValuesOf<T>, all: Readonly<Record<string, unknown>>) => readonly string[];
}

export type ValuesOf<T extends Record<string, Setting>> = { readonly [K in keyof T]: z.infer<T[K]['schema']> };
/** The values of a section, by the names of their environment variables. */
export type ConfigOf<S> = S extends Section<infer T> ? ValuesOf<T> : never;

/** One environment variable; numbers by `z.coerce.number()`, a default by `.default()`. */
export const setting = <S extends z.ZodType>(
  schema: S,
  description: string,
  { secret = false, aliases = [] }: Partial<Pick<Setting, 'secret' | 'aliases'>> = {},
): Setting<S> => ({ schema, description, secret, aliases });

export const section = <T extends Record<string, Setting>>(
  name: string,
  settings: T,
  conflicts: (values: ValuesOf<T>) => readonly string[] = () => [],
  across: Section<T>['across'] = () => [],
): Section<T> => ({
  name,
  settings,
  token: Symbol(`config:${name}`),
  conflicts,
  across,
});
