/** Finds the methods that `@CommandHandler`, `@RequestHandler` and `@WorkHandler` mark, in all providers of the application. */
import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { CommandContract, RequestContract, WorkContract } from '@veche/contracts';
import { Tracing } from '@veche/platform-telemetry';
import { isObservable, lastValueFrom } from 'rxjs';
import type { CommandHandlers } from './command-handlers.ts';
import { CONTRACT, type HandledContract } from './handlers.ts';
import type { Handlers, WorkUnit } from './ports.ts';
import { COMMAND_HANDLERS } from './tokens.ts';
import { validated } from './validation.ts';

type RequestEntry = (query: unknown, traceparent?: string) => Promise<unknown>;
type Method = (...args: unknown[]) => unknown;

interface Found {
  readonly contract: HandledContract;
  /** Bound to its provider; an Observable is awaited. */
  readonly call: (...args: unknown[]) => Promise<unknown>;
}

export interface Collected {
  readonly requests: Handlers['requests'];
  readonly work: Handlers['work'];
  /** How many kinds of command have a handler here. */
  readonly commands: number;
}

@Injectable()
export class HandlerExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    @Inject(COMMAND_HANDLERS) private readonly commands: CommandHandlers,
    private readonly tracing: Tracing,
  ) {}

  /** @throws Error if a kind has two handlers: they would race for its messages */
  collect(): Collected {
    const found = [...this.providers()].flatMap((provider) => this.handlersOf(provider));
    const requests = new Map<string, RequestEntry>();
    const work = new Map<string, (unit: WorkUnit) => Promise<void>>();
    for (const { contract, call } of found) {
      if (this.commands.has(contract.kind) || requests.has(contract.kind) || work.has(contract.kind))
        throw new Error(`two handlers for ${contract.kind}: a kind has exactly one`);
      if (contract.shape === 'command') this.commands.set(contract.kind, commandEntry(contract, call));
      else if (contract.shape === 'request') requests.set(contract.kind, this.requestEntry(contract, call));
      else work.set(contract.kind, this.workEntry(contract, call));
    }
    return { requests, work, commands: this.commands.size };
  }

  /** A context is never inherited from whoever woke the queue: the message alone says whose trace it belongs to. */
  private requestEntry(contract: RequestContract, call: Found['call']): RequestEntry {
    const name = `answer ${contract.kind}`;
    return (query, traceparent) =>
      this.tracing.during(this.tracing.continueFrom(traceparent, name, { kind: 'server' }), async () => call(validated(contract.schema, query)));
  }

  private workEntry(contract: WorkContract, call: Found['call']): (unit: WorkUnit) => Promise<void> {
    const name = `do ${contract.kind}`;
    return ({ traceparent, ...unit }) =>
      this.tracing.during(
        this.tracing.continueFrom(traceparent, name, { kind: 'consumer' }),
        async () => void (await call(validated(contract.schema, unit.data), unit)),
      );
  }

  /** Each instance once: a provider that has two tokens is still one. */
  private providers(): Set<object> {
    const instances = this.discovery
      .getProviders()
      .map((wrapper) => (wrapper.isNotMetatype || !wrapper.isDependencyTreeStatic() ? undefined : (wrapper.instance as unknown)));
    return new Set(instances.filter((instance): instance is object => typeof instance === 'object' && instance !== null));
  }

  private handlersOf(provider: object): Found[] {
    const prototype = Object.getPrototypeOf(provider) as Record<string, Method> | null;
    if (!prototype) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method = prototype[name]!;
      const contract = Reflect.getMetadata(CONTRACT, method) as HandledContract | undefined;
      return contract ? [{ contract, call: async (...args: unknown[]) => settled(method.apply(provider, args)) }] : [];
    });
  }
}

const settled = (result: unknown): unknown => (isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result);

/** Its data is validated by the owner loop, which refuses one command without refusing its batch. */
const commandEntry = (contract: CommandContract, call: Found['call']): { contract: CommandContract; handle: (batch: never) => Promise<unknown> } => ({
  contract,
  handle: (batch) => call(batch),
});
