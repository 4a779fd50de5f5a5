/** A service: follows the logs of threads and inboxes, decides who is told of what, answers for notices and badges. */
import { Module } from '@nestjs/common';
import { notificationConfig, notificationMigrations, NotificationModule } from '@veche/domain-notification';
import { eventLogConfig, EventLogModule, eventLogMigrations } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import { messagingConfig, MessagingModule, rabbitmqConfig, redisFanout } from '@veche/platform-messaging';
import { postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { redisConfig, RedisModule } from '@veche/platform-redis';
import { runtimeConfig } from '@veche/platform-runtime';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';

@Module({
  imports: [
    ConfigModule.forRoot([runtimeConfig, telemetryConfig, postgresConfig, redisConfig, messagingConfig, rabbitmqConfig, eventLogConfig, notificationConfig]),
    TelemetryModule,
    PostgresModule.forRoot({ entities: [], migrations: [...eventLogMigrations, ...notificationMigrations] }),
    RedisModule,
    MessagingModule.rabbitmq({ fanouts: [redisFanout] }),
    EventLogModule,
    NotificationModule,
  ],
})
export class AppModule {}
