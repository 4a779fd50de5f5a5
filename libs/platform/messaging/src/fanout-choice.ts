/** Which fan-out joins the processes: the apps list the possible ones, BUS_FANOUT names one. */
import type { FactoryProvider, InjectionToken } from '@nestjs/common';
import { ConfigError } from '@veche/platform-config';
import { type FANOUTS, type MessagingConfig, messagingConfig } from './messaging.config.ts';
import { MessagingTelemetry } from './messaging.telemetry.ts';
import type { Fanout } from './ports.ts';

/** One that an app lists, with what it is made of. */
export interface FanoutChoice {
  readonly name: Exclude<(typeof FANOUTS)[number], 'own'>;
  readonly inject: readonly InjectionToken[];
  // oxlint-disable-next-line typescript/no-explicit-any -- what was injected, in order; the choice itself knows the types
  readonly make: (config: MessagingConfig, telemetry: MessagingTelemetry, ...injected: any[]) => Fanout;
}

/** The chosen fan-out; undefined: the messaging adapter's own. */
export const FANOUT = Symbol('Fanout');

/** Refuses at the start what the app does not list. */
export function chosenFanout(choices: readonly FanoutChoice[]): FactoryProvider<Fanout | undefined> {
  const inject = choices.flatMap((choice) => choice.inject);
  return {
    provide: FANOUT,
    inject: [messagingConfig.token, MessagingTelemetry, ...inject],
    useFactory: (config: MessagingConfig, telemetry: MessagingTelemetry, ...injected: unknown[]) => {
      if (config.BUS_FANOUT === 'own') return undefined;
      const at = choices.findIndex(({ name }) => name === config.BUS_FANOUT);
      const choice = choices[at];
      if (!choice)
        throw new ConfigError([
          `BUS_FANOUT is "${config.BUS_FANOUT}", which this app cannot: allowed: ${['own', ...choices.map(({ name }) => name)].join(' | ')}`,
        ]);
      const from = choices.slice(0, at).reduce((sum, before) => sum + before.inject.length, 0);
      return choice.make(config, telemetry, ...injected.slice(from, from + choice.inject.length));
    },
  };
}
