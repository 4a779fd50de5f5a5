export { type ConfigOf, type Section, section, type Setting, setting, type ValuesOf } from './setting.ts';
export { flag, integers, list } from './schemas.ts';
export { type AnySection, type Configuration, loadConfig, valuesOf } from './load.ts';
export { ConfigError } from './problems.ts';
export { describeSettings, type SettingRow } from './describe.ts';
export { ConfigModule, sectionsOf } from './config.module.ts';
