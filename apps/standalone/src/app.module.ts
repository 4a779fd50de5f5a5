/** Every service and every door in one process, joined by the in-process bus. */
import { Module } from '@nestjs/common';
import { authConfig, AuthModule, authMigrations } from '@veche/domain-auth';
import { ChannelModule, channelsConfig } from '@veche/domain-channel';
import { chatConfig, ChatModule, chatMigrations } from '@veche/domain-chat';
import { NoticeChannelModule, notificationConfig, notificationMigrations, NotificationModule } from '@veche/domain-notification';
import { httpConfig, HttpEdgeModule } from '@veche/edge-http';
import { doorsConfig, gatewayConfig, operationsConfig, RealtimeModule, tokensConfig } from '@veche/edge-realtime';
import { sseConfig, SseEdgeModule } from '@veche/edge-sse';
import { websocketConfig, WebSocketEdgeModule } from '@veche/edge-websocket';
import { eventLogConfig, EventLogModule, eventLogMigrations } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import { messagingConfig, MessagingModule, postgresFanout, redisFanout } from '@veche/platform-messaging';
import { postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { redisConfig, RedisModule } from '@veche/platform-redis';
import { runtimeConfig } from '@veche/platform-runtime';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';

const platform = [runtimeConfig, telemetryConfig, postgresConfig, redisConfig, messagingConfig, eventLogConfig];
const services = [authConfig, chatConfig, channelsConfig, notificationConfig];
const edges = [gatewayConfig, doorsConfig, tokensConfig, operationsConfig, websocketConfig, sseConfig, httpConfig];

@Module({
  imports: [
    ConfigModule.forRoot([...platform, ...services, ...edges]),
    TelemetryModule,
    PostgresModule.forRoot({ entities: [], migrations: [...eventLogMigrations, ...authMigrations, ...chatMigrations, ...notificationMigrations] }),
    RedisModule,
    MessagingModule.inProcess({ fanouts: [redisFanout, postgresFanout] }),
    EventLogModule,
    AuthModule,
    ChatModule,
    ChannelModule,
    NoticeChannelModule,
    NotificationModule,
    RealtimeModule,
    WebSocketEdgeModule,
    SseEdgeModule,
    HttpEdgeModule,
  ],
})
export class AppModule {}
