export type {
  BatchProcessor,
  CommandBus,
  EventBus,
  FanoutReader,
  Handlers,
  MessagingAdapter,
  RequestBus,
  WorkBus,
  WorkUnit,
} from './ports.ts';
export { BATCH_PROCESSOR, COMMAND_BUS, EVENT_BUS, MESSAGING_ADAPTER, REQUEST_BUS, WORK_BUS } from './tokens.ts';
export { queueOf, slotOf } from './slot.ts';
export { CommandHandler, RequestHandler, WorkHandler } from './handlers.ts';
export { type CommandHandlerEntry, CommandHandlers } from './command-handlers.ts';
export { ask, enqueue } from './ask.ts';
