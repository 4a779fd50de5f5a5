/** Metrics of one application, in a registry of its own: two applications in one process never mix. */
import { Injectable } from '@nestjs/common';
import {
  collectDefaultMetrics,
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client';
import type { Application } from './application.ts';
import { Pulse } from './pulse.ts';

/** Seconds; the wire of the platform's own latencies (requirements R10.3). */
export const LATENCY_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5];

/**
 * Asking twice for one name gives the same instrument, so a module may be made again in one process.
 * Names: `veche_<module>_<thing>_<unit>`; labels of low cardinality only: never a user, a channel or a session.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  /** Of what is counted here, for the log. */
  readonly pulse = new Pulse();
  private processCollected = false;

  counter<Label extends string = string>(options: CounterConfiguration<Label>): Counter<Label> {
    return (this.existing(options.name) as Counter<Label> | undefined) ?? new Counter({ ...options, registers: [this.registry] });
  }

  gauge<Label extends string = string>(options: GaugeConfiguration<Label>): Gauge<Label> {
    return (this.existing(options.name) as Gauge<Label> | undefined) ?? new Gauge({ ...options, registers: [this.registry] });
  }

  histogram<Label extends string = string>(options: HistogramConfiguration<Label>): Histogram<Label> {
    return (this.existing(options.name) as Histogram<Label> | undefined) ?? new Histogram({ buckets: LATENCY_BUCKETS, ...options, registers: [this.registry] });
  }

  /** CPU, memory, descriptors, garbage collection and event loop lag of the process; once. */
  collectProcess(): void {
    if (this.processCollected) return;
    this.processCollected = true;
    collectDefaultMetrics({ register: this.registry });
  }

  /** Sum over all series of a counter or gauge whose labels are these. */
  async total(instrument: Counter | Gauge, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const { values } = await instrument.get();
    const wanted = Object.entries(labels);
    return values.reduce((sum, { value, labels: has }) => (wanted.every(([name, text]) => has[name] === text) ? sum + value : sum), 0);
  }

  /** Says what runs here, as a gauge that is always 1. */
  identify({ name, version }: Application): void {
    this.gauge({ name: 'veche_build_info', help: 'What runs here; always 1.', labelNames: ['application', 'version', 'node'] }).set(
      { application: name, version, node: process.versions.node },
      1,
    );
  }

  /** The page of `/metrics`. */
  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  private existing(name: string): unknown {
    return this.registry.getSingleMetric(name);
  }
}
