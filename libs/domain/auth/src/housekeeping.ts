import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AuthServiceTelemetry } from './auth.telemetry.ts';
import { SigningKeys } from './keys/signing-keys.ts';
import { RevocationsRepository } from './revocations/revocations.repository.ts';
import { SignInsRepository } from './sign-ins/sign-ins.repository.ts';
import { TicketsRepository } from './tickets/tickets.repository.ts';

const EVERY_MS = 60_000;

/** Once a minute: rotates keys and deletes what has expired. Every process does it; each step is safe to do twice. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  // allowed: size: one for each table that it keeps
  constructor(
    private readonly keys: SigningKeys,
    private readonly signIns: SignInsRepository,
    private readonly revocations: RevocationsRepository,
    private readonly tickets: TicketsRepository,
    private readonly telemetry: AuthServiceTelemetry,
  ) {}

  /** The first keys are made before the process is ready; keys that cannot be decrypted stop the start. */
  async onApplicationBootstrap(): Promise<void> {
    await this.keys.maintain();
    this.timer = setInterval(() => void this.runAlone(), EVERY_MS);
  }

  /** Resolves when nothing of it runs any more; tolerates never started and twice. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private runAlone(): Promise<void> {
    return (this.running ??= this.run().finally(() => (this.running = undefined)));
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const steps = await Promise.allSettled([
      this.keys.maintain(),
      this.signIns.removeExpired(),
      this.revocations.removeExpired(),
      this.tickets.removeExpired(),
    ]);
    for (const step of steps) if (step.status === 'rejected') this.telemetry.housekeepingFailed(step.reason);
  }
}
