/** What a module gives the runtime to do: marked providers, found wherever they are. */
import { SetMetadata } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { StartError } from './listen.ts';
import type { RuntimeConfig } from './runtime.config.ts';

/** For what follows the drains: requests, consumers, pools. */
const FINISHING_MS = 10_000;

const DRAIN_ORDER = Symbol('veche:drain-order');
const READINESS_NAME = Symbol('veche:readiness-name');

/** A provider marked `@Drains(order)`. */
export interface Drain {
  /** Called at a stop after the process said "not ready" and before consumers finish. Returns when done; a throw is logged and the stop goes on. */
  drain(): Promise<void>;
  /** How long it is meant to take, by which setting; absent: no time to speak of. */
  readonly window?: { readonly setting: string; readonly ms: number };
}

/** A provider marked `@Readiness(name)`. */
export interface ReadinessCheck {
  /** Throws, with a reason for people, while the process should get no new work. */
  check(): Promise<void>;
}

type StopTimes = Pick<RuntimeConfig, 'VECHE_UNREADY_MS' | 'VECHE_SHUTDOWN_MS'>;

type DrainType = new (...dependencies: never[]) => Drain;
type ReadinessType = new (...dependencies: never[]) => ReadinessCheck;

/** Lower orders drain first; equal ones together. Doors: 10. What doors share (sessions told to move): 20. */
export const Drains = (order: number): ((target: DrainType) => void) => SetMetadata(DRAIN_ORDER, order);

/** The name stands in the answer of `/health/ready`. */
export const Readiness = (name: string): ((target: ReadinessType) => void) => SetMetadata(READINESS_NAME, name);

/** Steps of a stop in order; the drains of one step run together. */
export function drainSteps(discovery: DiscoveryService): readonly (readonly Drain[])[] {
  const found = marked<Drain, number>(discovery, DRAIN_ORDER);
  const orders = [...new Set(found.map(({ mark }) => mark))].toSorted((a, b) => a - b);
  return orders.map((order) => found.filter(({ mark }) => mark === order).map(({ instance }) => instance));
}

/** @throws StartError when the windows alone take longer than a stop may: sessions would be cut instead of told to move */
export function requireTimeToDrain(steps: readonly (readonly Drain[])[], { VECHE_UNREADY_MS, VECHE_SHUTDOWN_MS }: StopTimes): void {
  const windows = steps.flatMap((step) => step.flatMap(({ window }) => (window && window.ms > 0 ? [window] : [])));
  const takes = VECHE_UNREADY_MS + windows.reduce((sum, { ms }) => sum + ms, 0);
  if (windows.length === 0 || takes < VECHE_SHUTDOWN_MS) return;
  const parts = [...(VECHE_UNREADY_MS > 0 ? ['VECHE_UNREADY_MS'] : []), ...windows.map(({ setting }) => setting)].join(' and ');
  throw new StartError(
    `A stop needs ${takes} ms for ${parts} alone, and VECHE_SHUTDOWN_MS ends it by force after ${VECHE_SHUTDOWN_MS}: raise VECHE_SHUTDOWN_MS to ${takes + FINISHING_MS} or more.`,
  );
}

export const readinessChecks = (discovery: DiscoveryService): readonly { readonly name: string; readonly check: ReadinessCheck }[] =>
  marked<ReadinessCheck, string>(discovery, READINESS_NAME).map(({ instance, mark }) => ({ name: mark, check: instance }));

function marked<T, Mark>(discovery: DiscoveryService, key: symbol): { readonly instance: T; readonly mark: Mark }[] {
  const instances = new Map<object, Mark>();
  for (const { instance } of discovery.getProviders() as { instance?: unknown }[]) {
    if (typeof instance !== 'object' || instance === null) continue;
    const mark = Reflect.getMetadata(key, instance.constructor ?? Object) as Mark | undefined;
    if (mark !== undefined) instances.set(instance, mark);
  }
  return [...instances].map(([instance, mark]) => ({ instance: instance as T, mark }));
}
