export type {
  AskOptions,
  BatchProcessor,
  CommandBus,
  EventBus,
  Fanout,
  FanoutReader,
  Handlers,
  Head,
  MessagingAdapter,
  RequestBus,
  WorkBus,
  WorkUnit,
} from './ports.ts';
export { BATCH_PROCESSOR, COMMAND_BUS, COMMAND_HANDLERS, EVENT_BUS, MESSAGING_ADAPTER, REQUEST_BUS, WORK_BUS } from './tokens.ts';
export { deadlineIn, systemClock } from './clock.ts';
export { queueOf, SLOTS, slotOf } from './slot.ts';
export { CommandHandler, RequestHandler, WorkHandler } from './handlers.ts';
export type { CommandHandlers, RegisteredCommand } from './command-handlers.ts';
export { ask, enqueue } from './ask.ts';
export { validated } from './validation.ts';
export { VecheStrategy } from './strategy.ts';
export { type MessagingConfig, messagingConfig } from './messaging.config.ts';
export { MessagingTelemetry } from './messaging.telemetry.ts';
export { MessagingModule } from './messaging.module.ts';
export { InProcessAdapter } from './in-process/in-process-adapter.ts';
export type { FanoutChoice } from './fanout-choice.ts';
export { redisFanout } from './redis/redis-choice.ts';
export { postgresFanout } from './postgres/choice.ts';
export { DEAD_SHAPES, type DeadLetter, type DeadShape } from './dead-letters/dead-letter.ts';
export type { DeadLetters } from './dead-letters/dead-letters.ts';
export { openDeadLetters } from './dead-letters/open.ts';
export { type Part, Topology } from './rabbitmq/topology.ts';
export { type RabbitMqConfig, rabbitmqConfig } from './rabbitmq/rabbitmq.config.ts';
export { switchQueues } from './rabbitmq-commands/switch-queues.ts';
export { RabbitMqTelemetry } from './rabbitmq/rabbitmq.telemetry.ts';
export { RabbitMqAdapter } from './rabbitmq/rabbitmq-adapter.ts';
