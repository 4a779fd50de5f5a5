/** A service: the owner of every channel, threads, application channels and inboxes, and the only consumer of commands. */
import { Module } from '@nestjs/common';
import { ChannelModule, channelsConfig } from '@veche/domain-channel';
import { chatConfig, ChatModule, chatMigrations } from '@veche/domain-chat';
import { NoticeChannelModule, notificationConfig, notificationMigrations } from '@veche/domain-notification';
import { eventLogConfig, EventLogModule, eventLogMigrations } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import { messagingConfig, MessagingModule, rabbitmqConfig, redisFanout } from '@veche/platform-messaging';
import { postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { redisConfig, RedisModule } from '@veche/platform-redis';
import { runtimeConfig } from '@veche/platform-runtime';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';

@Module({
  imports: [
    ConfigModule.forRoot([
      runtimeConfig,
      telemetryConfig,
      postgresConfig,
      redisConfig,
      messagingConfig,
      rabbitmqConfig,
      eventLogConfig,
      chatConfig,
      channelsConfig,
      notificationConfig,
    ]),
    TelemetryModule,
    PostgresModule.forRoot({ entities: [], migrations: [...eventLogMigrations, ...chatMigrations, ...notificationMigrations] }),
    RedisModule,
    MessagingModule.rabbitmq({ fanouts: [redisFanout] }),
    EventLogModule,
    ChatModule,
    ChannelModule,
    NoticeChannelModule,
  ],
})
export class AppModule {}
