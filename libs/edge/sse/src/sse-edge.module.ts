import { Module } from '@nestjs/common';
import { DoorRequests } from './door-requests.ts';
import { EmulatedDoor } from './emulated.door.ts';
import { EventsDoor } from './events.door.ts';
import { PollLimit } from './poll-limit.ts';
import { SseTelemetry } from './sse.telemetry.ts';
import { StreamOpener } from './stream/stream-opener.ts';
import { StreamsGateway } from './streams.gateway.ts';

/** Streams: the Centrifugo protocol over HTTP and SSE, EventSource, and polls. What sessions share is global: RealtimeModule. */
@Module({
  providers: [StreamsGateway, EmulatedDoor, EventsDoor, DoorRequests, PollLimit, StreamOpener, SseTelemetry],
})
export class SseEdgeModule {}
