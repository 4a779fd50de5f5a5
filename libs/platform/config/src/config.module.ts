/** Gives every module its section's values, validated and frozen, by the section's token. */
import { type DynamicModule, Module } from '@nestjs/common';
import { type AnySection, type Configuration, loadConfig } from './load.ts';
import type { Environment } from './unknown.ts';

const CONFIGURATION = Symbol('Configuration');

export interface ConfiguredModule extends DynamicModule {
  readonly sections: readonly AnySection[];
}

@Module({})
export class ConfigModule {
  /**
   * Global. The environment is read when the application is created, not here: a bad one must reach
   * the caller of `NestFactory.create` as a ConfigError, not break the import of app.module.ts.
   */
  static forRoot(sections: readonly AnySection[], env?: Environment): ConfiguredModule {
    return {
      module: ConfigModule,
      global: true,
      sections,
      providers: [
        { provide: CONFIGURATION, useFactory: () => loadConfig(sections, env) },
        ...sections.map(({ token }) => ({ provide: token, inject: [CONFIGURATION], useFactory: (all: Configuration) => all.get(token) })),
      ],
      exports: sections.map(({ token }) => token),
    };
  }
}

/** The sections that an application's root module gave to `forRoot`; none if it has no ConfigModule. */
export function sectionsOf(rootModule: object): readonly AnySection[] {
  const imports = (Reflect.getMetadata('imports', rootModule) ?? []) as readonly Partial<ConfiguredModule>[];
  return imports.find((entry) => entry.module === ConfigModule)?.sections ?? [];
}
