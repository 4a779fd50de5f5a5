/** A service: users, sign-ins, tokens, keys, tickets, revocations. */
import { Module } from '@nestjs/common';
import { authConfig, AuthModule, authMigrations } from '@veche/domain-auth';
import { ConfigModule } from '@veche/platform-config';
import { messagingConfig, MessagingModule, rabbitmqConfig, redisFanout } from '@veche/platform-messaging';
import { postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { redisConfig, RedisModule } from '@veche/platform-redis';
import { runtimeConfig } from '@veche/platform-runtime';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';

@Module({
  imports: [
    ConfigModule.forRoot([runtimeConfig, telemetryConfig, postgresConfig, redisConfig, messagingConfig, rabbitmqConfig, authConfig]),
    TelemetryModule,
    PostgresModule.forRoot({ entities: [], migrations: authMigrations }),
    RedisModule,
    MessagingModule.rabbitmq({ fanouts: [redisFanout] }),
    AuthModule,
  ],
})
export class AppModule {}
