import { Global, Module } from '@nestjs/common';
import { BATCH_PROCESSOR } from '@veche/platform-messaging';
import { EventLogTelemetry } from './event-log.telemetry.ts';
import { EventLog } from './log/event-log.ts';
import { OwnerLoop } from './owner/owner-loop.ts';
import { Trim } from './retention/trim.ts';

/**
 * Global: `EventLog` for whoever reads, BATCH_PROCESSOR for the messaging strategy. The loop runs where command handlers are listed,
 * the trim where a global module exports RETENTION.
 */
@Global()
@Module({
  providers: [EventLog, EventLogTelemetry, OwnerLoop, Trim, { provide: BATCH_PROCESSOR, useExisting: OwnerLoop }],
  exports: [EventLog, BATCH_PROCESSOR],
})
export class EventLogModule {}
