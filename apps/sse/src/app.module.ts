/** An edge: streams over HTTP and SSE, EventSource, polls. */
import { Module } from '@nestjs/common';
import { doorsConfig, gatewayConfig, operationsConfig, RealtimeModule, tokensConfig } from '@veche/edge-realtime';
import { sseConfig, SseEdgeModule } from '@veche/edge-sse';
import { eventLogConfig, EventLogModule, eventLogMigrations } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import { messagingConfig, MessagingModule, rabbitmqConfig, redisFanout } from '@veche/platform-messaging';
import { postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { redisConfig, RedisModule } from '@veche/platform-redis';
import { runtimeConfig } from '@veche/platform-runtime';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';

const platform = [runtimeConfig, telemetryConfig, postgresConfig, redisConfig, messagingConfig, rabbitmqConfig, eventLogConfig];
const edge = [gatewayConfig, doorsConfig, tokensConfig, operationsConfig, sseConfig];

@Module({
  imports: [
    ConfigModule.forRoot([...platform, ...edge]),
    TelemetryModule,
    PostgresModule.forRoot({ entities: [], migrations: eventLogMigrations }),
    RedisModule,
    MessagingModule.rabbitmq({ fanouts: [redisFanout] }),
    EventLogModule,
    RealtimeModule,
    SseEdgeModule,
  ],
})
export class AppModule {}
