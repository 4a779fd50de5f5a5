/** Injection tokens: interfaces are injected by token. */
export const COMMAND_BUS = Symbol('CommandBus');
export const EVENT_BUS = Symbol('EventBus');
export const REQUEST_BUS = Symbol('RequestBus');
export const WORK_BUS = Symbol('WorkBus');
export const MESSAGING_ADAPTER = Symbol('MessagingAdapter');
/** Provided by the event-log module: the one owner loop. */
export const BATCH_PROCESSOR = Symbol('BatchProcessor');
/** `CommandHandlers`: filled by the strategy, read by the owner loop. */
export const COMMAND_HANDLERS = Symbol('CommandHandlers');
