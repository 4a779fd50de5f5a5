import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { HandlerExplorer } from './handler-explorer.ts';
import { InProcessAdapter } from './in-process/in-process-adapter.ts';
import { type MessagingConfig, messagingConfig } from './messaging.config.ts';
import { MessagingTelemetry } from './messaging.telemetry.ts';
import { chosenFanout, FANOUT, type FanoutChoice } from './fanout-choice.ts';
import type { Fanout, MessagingAdapter } from './ports.ts';
import { VecheStrategy } from './strategy.ts';
import { COMMAND_BUS, COMMAND_HANDLERS, EVENT_BUS, MESSAGING_ADAPTER, REQUEST_BUS, WORK_BUS } from './tokens.ts';

/** One port of the adapter under its own token: who only asks cannot publish. */
const port = (
  token: symbol,
  of: (adapter: MessagingAdapter) => unknown,
): { provide: symbol; inject: symbol[]; useFactory: (adapter: MessagingAdapter) => unknown } => ({
  provide: token,
  inject: [MESSAGING_ADAPTER],
  useFactory: of,
});

export interface MessagingOptions {
  /** That BUS_FANOUT may name, beside the adapter's own. */
  readonly fanouts?: readonly FanoutChoice[];
}

@Module({})
export class MessagingModule {
  /** Global: all four ports within this process; with another fan-out, several such processes share their events. */
  static inProcess({ fanouts = [] }: MessagingOptions = {}): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        MessagingTelemetry,
        HandlerExplorer,
        VecheStrategy,
        { provide: COMMAND_HANDLERS, useFactory: () => new Map() },
        chosenFanout(fanouts),
        {
          provide: MESSAGING_ADAPTER,
          inject: [messagingConfig.token, MessagingTelemetry, FANOUT],
          useFactory: (config: MessagingConfig, telemetry: MessagingTelemetry, fanout: Fanout | undefined) =>
            new InProcessAdapter(config, telemetry, { fanout }),
        },
        port(COMMAND_BUS, (adapter) => adapter.commands),
        port(EVENT_BUS, (adapter) => adapter.events),
        port(REQUEST_BUS, (adapter) => adapter.requests),
        port(WORK_BUS, (adapter) => adapter.work),
      ],
      exports: [COMMAND_BUS, EVENT_BUS, REQUEST_BUS, WORK_BUS, MESSAGING_ADAPTER, COMMAND_HANDLERS, VecheStrategy],
    };
  }
}
