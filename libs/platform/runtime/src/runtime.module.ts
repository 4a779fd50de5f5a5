import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { Health } from './health.ts';

/** Put around an application's root module by run(). */
@Module({})
export class RuntimeModule {
  static around(root: Type): DynamicModule {
    return {
      module: RuntimeModule,
      // Its own logger would repeat every failed check, every few seconds, for as long as a database is away.
      imports: [root, DiscoveryModule, TerminusModule.forRoot({ logger: false })],
      providers: [Health],
      exports: [Health],
    };
  }
}
