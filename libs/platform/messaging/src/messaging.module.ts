import { type DynamicModule, type FactoryProvider, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { HandlerExplorer } from './handler-explorer.ts';
import { InProcessAdapter } from './in-process/in-process-adapter.ts';
import { type MessagingConfig, messagingConfig } from './messaging.config.ts';
import { Tracing } from '@veche/platform-telemetry';
import { MessagingTelemetry } from './messaging.telemetry.ts';
import { chosenFanout, FANOUT, type FanoutChoice } from './fanout-choice.ts';
import type { Fanout, MessagingAdapter } from './ports.ts';
import { type RabbitMqConfig, rabbitmqConfig } from './rabbitmq/rabbitmq.config.ts';
import { RabbitMqTelemetry } from './rabbitmq/rabbitmq.telemetry.ts';
import { RabbitMqAdapter } from './rabbitmq/rabbitmq-adapter.ts';
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
    return moduleOf(fanouts, [], {
      inject: [messagingConfig.token, MessagingTelemetry, FANOUT],
      useFactory: (config: MessagingConfig, telemetry: MessagingTelemetry, fanout: Fanout | undefined) => new InProcessAdapter(config, telemetry, { fanout }),
    });
  }

  /** Global: all four ports over RabbitMQ, shared by any number of processes. Needs the section `rabbitmqConfig` as well. */
  static rabbitmq({ fanouts = [] }: MessagingOptions = {}): DynamicModule {
    return moduleOf(fanouts, [RabbitMqTelemetry], {
      inject: [messagingConfig.token, rabbitmqConfig.token, MessagingTelemetry, RabbitMqTelemetry, FANOUT],
      useFactory: (
        config: MessagingConfig,
        rabbitmq: RabbitMqConfig,
        telemetry: MessagingTelemetry,
        brokerTelemetry: RabbitMqTelemetry,
        fanout: Fanout | undefined,
      ) => new RabbitMqAdapter({ config, rabbitmq, telemetry, brokerTelemetry, fanout }),
    });
  }
}

function moduleOf(
  fanouts: readonly FanoutChoice[],
  own: readonly Provider[],
  adapter: Pick<FactoryProvider<MessagingAdapter>, 'inject' | 'useFactory'>,
): DynamicModule {
  return {
    module: MessagingModule,
    global: true,
    imports: [DiscoveryModule],
    providers: [
      MessagingTelemetry,
      HandlerExplorer,
      VecheStrategy,
      ...own,
      { provide: COMMAND_HANDLERS, useFactory: () => new Map() },
      chosenFanout(fanouts),
      { provide: MESSAGING_ADAPTER, ...adapter },
      port(COMMAND_BUS, ({ commands }, tracing) => tracedCommands(commands, tracing)),
      port(EVENT_BUS, ({ events }) => events),
      port(REQUEST_BUS, ({ requests }, tracing) => tracedRequests(requests, tracing)),
      port(WORK_BUS, ({ work }, tracing) => tracedWork(work, tracing)),
    ],
    exports: [COMMAND_BUS, EVENT_BUS, REQUEST_BUS, WORK_BUS, MESSAGING_ADAPTER, COMMAND_HANDLERS, VecheStrategy],
  };
}
