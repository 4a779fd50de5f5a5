import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { HandlerExplorer } from './handler-explorer.ts';
import { InProcessAdapter } from './in-process/in-process-adapter.ts';
import { type MessagingConfig, messagingConfig } from './messaging.config.ts';
import { Tracing } from '@veche/platform-telemetry';
import { MessagingTelemetry } from './messaging.telemetry.ts';
import { chosenFanout, FANOUT, type FanoutChoice } from './fanout-choice.ts';
import type { Fanout, MessagingAdapter } from './ports.ts';
import { VecheStrategy } from './strategy.ts';
import { tracedCommands, tracedRequests, tracedWork } from './tracing/traced-buses.ts';
import { COMMAND_BUS, COMMAND_HANDLERS, EVENT_BUS, MESSAGING_ADAPTER, REQUEST_BUS, WORK_BUS } from './tokens.ts';

/** One port of the adapter under its own token: who only asks cannot publish. */
const port = (token: symbol, of: (adapter: MessagingAdapter, tracing: Tracing) => unknown): FactoryProvider => ({
  provide: token,
  inject: [MESSAGING_ADAPTER, Tracing],
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
        port(COMMAND_BUS, ({ commands }, tracing) => tracedCommands(commands, tracing)),
        port(EVENT_BUS, ({ events }) => events),
        port(REQUEST_BUS, ({ requests }, tracing) => tracedRequests(requests, tracing)),
        port(WORK_BUS, ({ work }, tracing) => tracedWork(work, tracing)),
      ],
      exports: [COMMAND_BUS, EVENT_BUS, REQUEST_BUS, WORK_BUS, MESSAGING_ADAPTER, COMMAND_HANDLERS, VecheStrategy],
    };
  }
}
