/** The command handlers of this process by kind; filled when consuming starts, read by the owner loop. */
import { Injectable } from '@nestjs/common';
import type { CommandContract } from '@veche/contracts';

export interface CommandHandlerEntry {
  readonly contract: CommandContract;
  /** The provider's method, bound; takes event-log's CommandBatch and answers its Verdict. */
  readonly handle: (batch: unknown) => Promise<unknown>;
}

@Injectable()
export class CommandHandlers {
  private readonly entries = new Map<string, CommandHandlerEntry>();

  /** @throws Error if the kind has a handler already: two would race for its commands */
  add(entry: CommandHandlerEntry): void {
    const { kind } = entry.contract;
    if (this.entries.has(kind)) throw new Error(`Two handlers for ${kind}: a kind has exactly one`);
    this.entries.set(kind, entry);
  }

  get(kind: string): CommandHandlerEntry | undefined {
    return this.entries.get(kind);
  }

  get size(): number {
    return this.entries.size;
  }
}
