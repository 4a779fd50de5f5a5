import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONTROL, CONTROL_CHANNEL, type Control, DISCONNECTS, type Signal } from '@veche/contracts';
import { concerns, Revocations, type Revoked } from '../auth/index.ts';
import { Hub } from '../hub/hub.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { Sessions } from '../session/sessions.ts';
import { Steering } from './steering.ts';

/** Hears what services say to all processes of the edge at once: revocations, and other orders. Each acts on its own sessions. */
@Injectable()
export class Controls implements OnModuleInit, OnApplicationShutdown {
  private forget: (() => void) | undefined;

  // allowed: size: where orders come from, and who carries each out
  constructor(
    private readonly hub: Hub,
    private readonly sessions: Sessions,
    private readonly steering: Steering,
    private readonly revocations: Revocations,
    private readonly telemetry: RealtimeTelemetry,
  ) {}

  onModuleInit(): void {
    this.hub.listen(CONTROL_CHANNEL, (signal) => this.hear(signal));
    this.hub.onInterrupted(() => this.revocations.pullSoon());
    this.forget = this.revocations.onRevoked((revoked) => this.revoke(revoked));
  }

  async onApplicationShutdown(): Promise<void> {
    this.forget?.();
  }

  /** What a service says to all without waiting for anybody: a revocation, which is pulled too, or any other order. */
  private hear(signal: Signal): void {
    if (signal.kind !== CONTROL) return;
    const ignored = (error: unknown): void => this.telemetry.unexpected(error, 'a control was not understood');
    try {
      const control = JSON.parse(signal.data) as Control;
      if (control.do === 'revoke') this.revocations.hear(signal);
      // What is forgotten of users is heard by their directory.
      else if (control.do !== 'forget') this.steering.carryOut(control).catch(ignored);
    } catch (error) {
      ignored(error);
    }
  }

  private revoke(revoked: Revoked): void {
    const candidates = revoked.user === undefined ? this.sessions.all() : this.sessions.of(revoked.user);
    for (const session of candidates) if (concerns(revoked, session.identity)) session.close(DISCONNECTS.invalid_token);
  }
}
