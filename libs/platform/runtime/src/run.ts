/** Starts an application and sees it through to its end. */
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { Type } from '@nestjs/common';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigError, type Configuration, loadConfig, sectionsOf, valuesOf } from '@veche/platform-config';
import { VecheStrategy } from '@veche/platform-messaging';
import { loadTracing, Logger, Metrics, NestLogger, telemetryConfig } from '@veche/platform-telemetry';
import { guardProcess, onSignal } from './guard.ts';
import { Health } from './health.ts';
import { drainSteps, requireTimeToDrain } from './hooks.ts';
import { httpAdapter } from './http-application.ts';
import { addressError, StartError } from './listen.ts';
import { PrivateServer } from './private-server.ts';
import { type RuntimeConfig, runtimeConfig } from './runtime.config.ts';
import { RuntimeModule } from './runtime.module.ts';
import { ProcessStage } from './stage.ts';
import { stopGracefully } from './stop.ts';

export interface RunOptions {
  /** False for a service: only edges face clients, everything else is reached over the bus and has nothing but the private port. Default true. */
  readonly publicPort?: boolean;
}

/** Reads the configuration, starts the modules, listens, and stops on SIGTERM or SIGINT. Resolves once the process is ready; ends it with 1 when it cannot be. */
export async function run(root: Type, options: RunOptions = {}): Promise<void> {
  let log = Logger.to(process.stderr);
  guardProcess(() => log);
  try {
    const configuration = loadConfig(sectionsOf(root));
    const telemetry = valuesOf(configuration, telemetryConfig);
    log = new Logger(telemetry).child('runtime');
    await loadTracing(telemetry);
    await start(root, configuration, log, options);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof StartError) process.stderr.write(`${error.message}\n`);
    else log.fatal({ err: error }, 'the process could not start');
    process.exit(1);
  }
}

async function start(root: Type, configuration: Configuration, log: Logger, { publicPort = true }: RunOptions): Promise<void> {
  const config = valuesOf(configuration, runtimeConfig);
  const stage = new ProcessStage();
  const privateServer = new PrivateServer(stage);
  const privateHost = config.VECHE_PRIVATE_HOST || config.VECHE_HOST;
  const privatePort = await privateServer.listen(privateHost, config.VECHE_PRIVATE_PORT);
  const app = await NestFactory.create<NestFastifyApplication>(RuntimeModule.around(root), httpAdapter(config, stage), {
    logger: new NestLogger(log),
    abortOnError: false,
  });
  requireTimeToDrain(drainSteps(app.get(DiscoveryService, { strict: false })), config);
  const strategy = app.get(VecheStrategy, { strict: false });
  privateServer.show({ health: app.get(Health), metrics: app.get(Metrics, { strict: false }) });
  const stopped = Promise.withResolvers<void>();
  const ignore = onSignal(
    async (signal) => {
      log.info({ signal }, 'stopping');
      await stopGracefully({ app, server: app.getHttpServer(), consumers: strategy, stage, unreadyMs: config.VECHE_UNREADY_MS, log });
      await privateServer.stop();
      log.info('stopped');
      ignore();
      stopped.resolve();
    },
    config.VECHE_SHUTDOWN_MS,
    log,
  );
  app.connectMicroservice({ strategy });
  // A signal during the start ends it: what still waits for a broker is refused, which is no failure, or would wait for ever.
  const up = open(app, config, stage, publicPort).catch((error: unknown) => {
    if (!stage.stopping) throw error;
  });
  await Promise.race([up, stopped.promise]);
  if (stage.stopping) return stopped.promise;
  stage.current = 'ready';
  const address = publicPort && { host: config.VECHE_HOST, port: (app.getHttpServer().address() as AddressInfo).port };
  log.info({ ...address, private_host: privateHost, private_port: privatePort, after_ms: Math.round(performance.now()) }, 'ready');
}

/** Returns early when a signal has come meanwhile: what is being taken down must not open up. */
async function open(app: NestFastifyApplication, config: RuntimeConfig, stage: ProcessStage, publicPort: boolean): Promise<void> {
  await app.init();
  await app.startAllMicroservices();
  if (publicPort && !stage.stopping) await listen(app, config);
}

/**
 * Connections that wait to be accepted; the kernel's own bound (`net.core.somaxconn`) may be lower. Node asks for 511, and whoever finds no room
 * knocks again after 1, 3, 7, 15 … s: five thousand clients of a process that died were back after a minute.
 */
const BACKLOG = 65_535;

async function listen(app: NestFastifyApplication, { VECHE_HOST, VECHE_PORT }: RuntimeConfig): Promise<void> {
  try {
    await app.listen({ host: VECHE_HOST, port: VECHE_PORT, backlog: BACKLOG });
  } catch (error) {
    throw addressError(error, VECHE_HOST, VECHE_PORT, 'VECHE_PORT', 'VECHE_HOST');
  }
}
