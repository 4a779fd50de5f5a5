/** The owner of threads in this process: what is seeded goes the way of every command. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CommandContract, CommandDone } from '@veche/contracts';
import { authMigrations } from '@veche/domain-auth';
import { chatConfig, chatMigrations, ChatModule } from '@veche/domain-chat';
import { EventLog, eventLogConfig, eventLogMigrations, EventLogModule } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import { COMMAND_BUS, type CommandBus, messagingConfig, MessagingModule, VecheStrategy } from '@veche/platform-messaging';
import { Database, postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';
import { Refusal } from '../dev/refusal.ts';

export interface Owner {
  readonly database: Database;
  readonly log: EventLog;
  /** Applied now or in an earlier run. @throws Refusal when it was refused */
  done(contract: CommandContract, channel: string, actor: string, commandId: string, data: object): Promise<CommandDone>;
  stop(): Promise<void>;
}

export async function startOwner(pgUrl: string): Promise<Owner> {
  class SeedModule {}
  const sections = [postgresConfig, telemetryConfig, messagingConfig, eventLogConfig, chatConfig];
  // Called, not written as a decorator: Node only strips types here.
  Module({
    imports: [
      ConfigModule.forRoot(sections, { PG_URL: pgUrl, LOG_LEVEL: 'error', CHAT_ACTIVITY_MAX_MEMBERS: '0' }),
      TelemetryModule,
      PostgresModule.forRoot({ entities: [], migrations: [...eventLogMigrations, ...authMigrations, ...chatMigrations] }),
      MessagingModule.inProcess(),
      EventLogModule,
      ChatModule,
    ],
  })(SeedModule);
  const app = await NestFactory.createApplicationContext(SeedModule, { logger: false, abortOnError: false });
  const strategy = app.get(VecheStrategy);
  await new Promise<void>((resolve, reject) => void strategy.listen((error) => (error ? reject(error as Error) : resolve())));
  const bus = app.get<CommandBus>(COMMAND_BUS);
  return {
    database: app.get(Database),
    log: app.get(EventLog),
    done: (contract, channel, actor, commandId, data) => untilAnswered(bus, { kind: contract.kind, channel, actor, command_id: commandId, data, meta: null }),
    stop: async () => {
      await strategy.close();
      await app.close();
    },
  };
}

const PATIENCE_MS = 30_000;
const ATTEMPTS = 5;

/** An unknown outcome is no failure: the same command again is answered with what it has done. */
async function untilAnswered(bus: CommandBus, command: Omit<Parameters<CommandBus['send']>[0], 'deadline'>): Promise<CommandDone> {
  for (let attempt = 1; ; attempt++) {
    const reply = await bus.send({ ...command, deadline: Date.now() + PATIENCE_MS });
    if (reply.ok) return reply;
    const worthwhile = reply.error === 'outcome_unknown' || reply.error === 'unavailable';
    if (!worthwhile || attempt === ATTEMPTS)
      throw new Refusal(
        `${command.kind} was refused: ${reply.message}. If this database was seeded with other --users or --threads, give those, or another --seed`,
      );
  }
}
