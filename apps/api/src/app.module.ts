/** An edge: REST for people, the API for backends, the page. */
import { Module } from '@nestjs/common';
import { httpConfig, HttpEdgeModule } from '@veche/edge-http';
import { doorsConfig, gatewayConfig, operationsConfig, RealtimeModule, tokensConfig } from '@veche/edge-realtime';
import { eventLogConfig, EventLogModule, eventLogMigrations } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import { messagingConfig, MessagingModule, rabbitmqConfig, redisFanout } from '@veche/platform-messaging';
import { postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { redisConfig, RedisModule } from '@veche/platform-redis';
import { runtimeConfig } from '@veche/platform-runtime';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';

const platform = [runtimeConfig, telemetryConfig, postgresConfig, redisConfig, messagingConfig, rabbitmqConfig, eventLogConfig];
const edge = [gatewayConfig, doorsConfig, tokensConfig, operationsConfig, httpConfig];

@Module({
  imports: [
    ConfigModule.forRoot([...platform, ...edge]),
    TelemetryModule,
    PostgresModule.forRoot({ entities: [], migrations: eventLogMigrations }),
    RedisModule,
    MessagingModule.rabbitmq({ fanouts: [redisFanout] }),
    EventLogModule,
    RealtimeModule,
    HttpEdgeModule,
  ],
})
export class AppModule {}
