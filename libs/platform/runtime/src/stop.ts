/** The graceful stop: each step ends before the next begins, and the process ends because nothing is left to do. */
import { setTimeout as passed } from 'node:timers/promises';
import type { Server } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Logger } from '@veche/platform-telemetry';
import { finishRequests } from './finish-requests.ts';
import { drainSteps } from './hooks.ts';
import type { ProcessStage } from './stage.ts';

export interface Stoppable {
  readonly app: INestApplicationContext;
  /** Where clients come in. */
  readonly server: Server;
  /** Finishes what consumers have taken. */
  readonly consumers: { close(): Promise<void> } | undefined;
  readonly stage: ProcessStage;
  readonly unreadyMs: number;
  readonly log: Logger;
}

/** Not ready → sessions told to move → requests answered → consumers finish → pools close. A step that throws is logged and does not keep the next from running. */
export async function stopGracefully({ app, server, consumers, stage, unreadyMs, log }: Stoppable): Promise<void> {
  stage.current = 'draining';
  if (unreadyMs > 0) await passed(unreadyMs);
  const step = async (name: string, act: () => Promise<unknown> | undefined): Promise<void> => {
    const began = performance.now();
    try {
      await act();
      log.debug({ step: name, duration_ms: Math.round(performance.now() - began) }, 'stopped');
    } catch (error) {
      log.error({ step: name, err: error }, 'a step of the stop failed');
    }
  };
  for (const drains of drainSteps(app.get(DiscoveryService, { strict: false }))) {
    await Promise.all(drains.map((part) => step(part.constructor.name, () => part.drain())));
  }
  stage.current = 'closing';
  await step('requests', () => finishRequests(server));
  await step('consumers', () => consumers?.close());
  await step('modules', () => app.close());
}
