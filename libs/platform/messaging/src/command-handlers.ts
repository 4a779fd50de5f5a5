/** Where the strategy that collects handlers meets the owner loop that calls them. */
import type { CommandContract } from '@veche/contracts';

/** A provider's method under `@CommandHandler(contract)`. What it takes and answers is the owner loop's: `CommandBatch` and `Verdict` of event-log. */
export interface RegisteredCommand {
  readonly contract: CommandContract;
  readonly handle: (batch: never) => Promise<unknown>;
}

/** By kind. Injected as COMMAND_HANDLERS; the strategy fills it before the adapter serves, the owner loop only reads it. */
export type CommandHandlers = Map<string, RegisteredCommand>;
