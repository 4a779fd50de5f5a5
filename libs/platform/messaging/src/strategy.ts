/**
 * Nest's side of the bus: `connectMicroservice({ strategy })` makes consuming part of the application's life cycle,
 * and handlers are methods of ordinary providers. They are called directly, not through the framework's pipeline for
 * controllers: that costs an Observable a call and turns a typed refusal into "Internal server error".
 */
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { HandlerExplorer } from './handler-explorer.ts';
import type { BatchProcessor, MessagingAdapter } from './ports.ts';
import { BATCH_PROCESSOR, MESSAGING_ADAPTER } from './tokens.ts';

@Injectable()
export class VecheStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('veche');

  constructor(
    @Inject(MESSAGING_ADAPTER) private readonly adapter: MessagingAdapter,
    private readonly explorer: HandlerExplorer,
    private readonly modules: ModuleRef,
  ) {
    super();
  }

  /** Collects the handlers of all providers, then starts consuming. */
  async listen(done: (error?: unknown) => void): Promise<void> {
    try {
      const { requests, work, commands } = this.explorer.collect();
      const processor = commands > 0 ? this.modules.get<BatchProcessor>(BATCH_PROCESSOR, { strict: false }) : undefined;
      await this.adapter.serve({ requests, work, ...(processor && { commands: processor }) });
      done();
    } catch (error) {
      done(error);
    }
  }

  /** Finishes what was taken; tolerates never started and twice. */
  async close(): Promise<void> {
    await this.adapter.stop();
  }

  on(): never {
    throw new Error('the bus has no framework events; see its metrics');
  }

  unwrap<T>(): T {
    return this.adapter as T;
  }
}
