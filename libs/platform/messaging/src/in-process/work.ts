/** Background work of this process: by class, retried by the ladder, then kept in the dead list. In memory: a killed process forgets it. */
import { VecheError } from '@veche/contracts';
import type { Clock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Handlers, WorkBus, WorkUnit } from '../ports.ts';

/** Dead units kept for a look; older ones go first. */
const DEAD_KEPT = 1000;
const CLASSES = ['critical', 'normal', 'bulk'] as const;

export interface DeadUnit {
  readonly unit: WorkUnit;
  readonly cause: string;
  readonly attempts: number;
}

interface Job {
  readonly body: string;
  readonly kind: string;
  readonly class: WorkUnit['class'];
  readonly attempt: number;
}

export class Work implements WorkBus {
  readonly dead: DeadUnit[] = [];
  private handlers: Handlers['work'] = new Map();
  private readonly waiting: Record<WorkUnit['class'], Job[]> = { critical: [], normal: [], bulk: [] };
  private readonly retries = new Set<() => void>();
  private active = 0;
  private stopped = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
    private readonly clock: Clock,
  ) {}

  // oxlint-disable-next-line typescript/require-await -- refusals must come as rejections
  async enqueue(unit: WorkUnit): Promise<void> {
    if (this.stopped) throw new VecheError('unavailable', 'the server is stopping');
    if (!this.handlers.has(unit.kind)) throw new VecheError('unavailable', `nothing here does ${unit.kind}`);
    if (CLASSES.reduce((sum, name) => sum + this.waiting[name].length, this.retries.size) >= this.config.WORK_BACKLOG) {
      throw new VecheError('unavailable', 'too much work is waiting, try again after a pause');
    }
    this.take({ body: sealed(unit), kind: unit.kind, class: unit.class, attempt: 1 });
  }

  serve(handlers: Handlers['work']): void {
    this.handlers = handlers;
  }

  /** Finishes what is queued; units between two attempts end here. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.retries.size > 0) this.telemetry.workLost(this.retries.size);
    for (const cancel of this.retries) cancel();
    this.retries.clear();
    if (this.active > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  private take(job: Job): void {
    this.waiting[job.class].push(job);
    this.next();
  }

  private next(): void {
    while (this.active < this.config.RPC_CONSUMER_PREFETCH) {
      const job = CLASSES.map((name) => this.waiting[name])
        .find((lane) => lane.length > 0)
        ?.shift();
      if (!job) break;
      void this.perform(job);
    }
    if (this.active === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  private async perform(job: Job): Promise<void> {
    this.active++;
    const began = this.clock.now();
    await Promise.resolve();
    try {
      await this.handlers.get(job.kind)!(JSON.parse(job.body) as WorkUnit);
      this.telemetry.workDone(job.kind, job.class, job.attempt - 1, this.clock.now() - began);
    } catch (cause) {
      this.failed(job, cause);
    }
    this.active--;
    this.next();
  }

  private failed(job: Job, cause: unknown): void {
    if (job.attempt > this.config.RPC_MAX_RETRIES) return this.bury(job, cause);
    if (this.stopped) return this.telemetry.workLost(1);
    const delays = this.config.RPC_RETRY_DELAYS_MS;
    const delay = delays[Math.min(job.attempt, delays.length) - 1]!;
    this.telemetry.workRetried(job.kind, job.class, job.attempt, delay, cause);
    const cancel = this.clock.after(delay, () => {
      this.retries.delete(cancel);
      this.take({ ...job, attempt: job.attempt + 1 });
    });
    this.retries.add(cancel);
  }

  private bury(job: Job, cause: unknown): void {
    this.telemetry.workDead(job.kind, job.class, job.attempt, cause);
    this.dead.push({ unit: JSON.parse(job.body) as WorkUnit, cause: cause instanceof Error ? cause.message : String(cause), attempts: job.attempt });
    if (this.dead.length > DEAD_KEPT) this.dead.shift();
  }
}

function sealed(unit: WorkUnit): string {
  try {
    if (unit.data !== undefined) return JSON.stringify(unit);
  } catch {
    // Named below.
  }
  throw new VecheError('bad_request', 'the data of a unit of work must be JSON: no BigInt, no cycle, not undefined');
}
