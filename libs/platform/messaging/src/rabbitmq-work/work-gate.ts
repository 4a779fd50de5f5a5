/** Which of the units that have arrived runs next, when only so many run at a time in this process. */
import { WORK_CLASSES, type WorkClass } from '../rabbitmq/topology.ts';

type Job = () => Promise<void>;

export class WorkGate {
  private readonly waiting: Record<WorkClass, Job[]> = { critical: [], normal: [], bulk: [] };
  private readonly running: Record<WorkClass, number> = { critical: 0, normal: 0, bulk: 0 };
  private whenIdle: (() => void)[] = [];

  /** @param width units at a time, of all classes */
  constructor(private readonly width: number) {}

  /** Of a class at a time. A quarter is left to critical work and half to what is not bulk: a backlog of slow units must not hold up the urgent one. */
  share(workClass: WorkClass): number {
    const part = { critical: 1, normal: 0.75, bulk: 0.5 }[workClass];
    return Math.max(1, Math.floor(this.width * part));
  }

  /** Jobs must not reject. */
  run(workClass: WorkClass, job: Job): void {
    this.waiting[workClass].push(job);
    this.next();
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    if (this.active === 0) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  private get active(): number {
    return WORK_CLASSES.reduce((sum, each) => sum + this.running[each], 0);
  }

  private next(): void {
    for (;;) {
      const workClass = WORK_CLASSES.find((each) => this.waiting[each].length > 0 && this.mayRun(each));
      if (!workClass) break;
      void this.perform(workClass, this.waiting[workClass].shift()!);
    }
    if (this.active === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  private mayRun(workClass: WorkClass): boolean {
    const { normal, bulk } = this.running;
    if (this.active >= this.width) return false;
    if (workClass === 'bulk' && bulk >= this.share('bulk')) return false;
    return workClass === 'critical' || normal + bulk < this.share('normal');
  }

  private async perform(workClass: WorkClass, job: Job): Promise<void> {
    this.running[workClass]++;
    try {
      await job();
    } finally {
      this.running[workClass]--;
      this.next();
    }
  }
}
