import { loadConfig } from '@veche/platform-config';
import { redisConfig } from '@veche/platform-redis';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { expect, test } from 'vitest';
import { chosenFanout, type FanoutChoice } from './fanout-choice.ts';
import { type MessagingConfig, messagingConfig } from './messaging.config.ts';
import { MessagingTelemetry } from './messaging.telemetry.ts';
import type { Fanout } from './ports.ts';

const made = { fanout: 'by redis' } as unknown as Fanout;
const choices: FanoutChoice[] = [
  { name: 'postgres', inject: ['a', 'b'], make: () => ({}) as Fanout },
  { name: 'redis', inject: ['c'], make: (_config, _telemetry, injected) => (injected === 'C' ? made : ({} as Fanout)) },
];
const choose = (name: string, from: readonly FanoutChoice[] = choices): Fanout | undefined =>
  chosenFanout(from).useFactory({ BUS_FANOUT: name } as MessagingConfig, new MessagingTelemetry(new Metrics(), Logger.silent()), 'A', 'B', 'C') as
    | Fanout
    | undefined;

test('the named one is made of what it asked for', () => {
  expect(choose('redis')).toBe(made);
});

test('own is that of the adapter', () => {
  expect(choose('own')).toBeUndefined();
});

test('one that the app does not list is refused in words, not with a stack', () => {
  expect(() => choose('postgres', choices.slice(1))).toThrow(
    expect.objectContaining({ name: 'ConfigError', problems: ['BUS_FANOUT is "postgres", which this app cannot: allowed: own | redis'] }) as Error,
  );
});

test('redis without its address is refused by the configuration', () => {
  expect(() => loadConfig([redisConfig, messagingConfig], { BUS_FANOUT: 'redis' })).toThrow('REDIS_URL is empty');
});
