import { Injectable } from '@nestjs/common';
import { Logger } from '@veche/platform-telemetry';

/** What the stream doors tell of themselves; sessions are counted by the realtime core. */
@Injectable()
export class SseTelemetry {
  private readonly log: Logger;

  constructor(logger: Logger) {
    this.log = logger.child('sse');
  }

  parserKept(): void {
    this.log.warn({ node: process.version }, 'parsers of streams cannot be given back on this Node: each stream takes 12 KB more');
  }

  failed(route: string | undefined, error: unknown): void {
    this.log.error({ route: route ?? 'unknown', err: error }, 'a stream request failed for a reason that is ours');
  }
}
