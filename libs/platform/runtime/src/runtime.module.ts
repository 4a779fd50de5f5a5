import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { MESSAGING_ADAPTER, type MessagingAdapter } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { CHECKS, Health, type NamedCheck } from './health.ts';
import { readinessChecks } from './hooks.ts';

/** Put around an application's root module by run(). */
@Module({})
export class RuntimeModule {
  static around(root: Type): DynamicModule {
    return {
      module: RuntimeModule,
      // Its own logger would repeat every failed check, every few seconds, for as long as a database is away.
      imports: [root, DiscoveryModule, TerminusModule.forRoot({ logger: false })],
      providers: [Health, { provide: CHECKS, inject: [DiscoveryService, MESSAGING_ADAPTER, { token: Database, optional: true }], useFactory: checksOf }],
      exports: [Health],
    };
  }
}

const checksOf = (discovery: DiscoveryService, messaging: MessagingAdapter, database?: Database) => (): NamedCheck[] => [
  { name: 'messaging', check: () => messaging.check() },
  ...(database ? [{ name: 'database', check: async () => void (await database.query({ text: 'select 1' })) }] : []),
  ...readinessChecks(discovery).map(({ name, check }) => ({ name, check: () => check.check() })),
];
