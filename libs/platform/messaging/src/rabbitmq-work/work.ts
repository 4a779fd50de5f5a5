/** Queues units of work: each safely stored, or refused, or said to be unknown. */
import { VecheError } from '@veche/contracts';
import { type Clock, systemClock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { WorkBus, WorkUnit } from '../ports.ts';
import type { Publisher, PublishOutcome } from '../rabbitmq/broker.ts';
import type { Topology } from '../rabbitmq/topology.ts';
import { firstProperties, unitBody } from './work-records.ts';

const BETWEEN_TRIES_MS = 100;

export class Work implements WorkBus {
  private stopped = false;

  constructor(
    private readonly publisher: Publisher,
    private readonly topology: Topology,
    private readonly config: MessagingConfig,
    private readonly clock: Clock = systemClock,
  ) {}

  async enqueue(unit: WorkUnit): Promise<void> {
    const body = unitBody(unit);
    if (this.stopped) throw new VecheError('unavailable', 'the server is stopping');
    if (this.publisher.hindered !== undefined) throw new VecheError('unavailable', 'work cannot be queued at the moment, try again after a pause');
    const outcome = await this.stored(unit, body);
    if (outcome === 'returned') throw new VecheError('unavailable', `nothing here does ${unit.kind}`);
    if (outcome === 'unknown') throw new VecheError('outcome_unknown', 'the broker did not confirm the unit of work: queue it again under the same id');
  }

  stop(): void {
    this.stopped = true;
  }

  /** The same message again while nobody knows: a unit that is stored twice is done once, by its id. */
  private async stored(unit: WorkUnit, body: Buffer): Promise<PublishOutcome> {
    const [key, properties] = [this.topology.workKey(unit.kind, unit.class), firstProperties(unit)];
    const end = this.clock.now() + this.config.RPC_TIMEOUT_MS;
    let seen = false;
    for (;;) {
      const outcome = await this.publisher.publish(this.topology.work.name, key, body, properties);
      // Returned after an unknown outcome says nothing about the first one.
      if (outcome !== 'unknown') return outcome === 'returned' && seen ? 'unknown' : outcome;
      seen = true;
      if (this.stopped || this.clock.now() + BETWEEN_TRIES_MS >= end) return outcome;
      await new Promise<void>((resolve) => void this.clock.after(BETWEEN_TRIES_MS, resolve));
    }
  }
}
