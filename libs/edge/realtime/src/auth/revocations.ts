import { ListRevocations, type Signal } from '@veche/contracts';
import { ask, type RequestBus } from '@veche/platform-messaging';
import { RevokedSessions } from '@veche/platform-redis';
import type { AuthTelemetry } from './auth.telemetry.ts';
import type { Identity } from './identity.ts';
import { fromRow, fromSignal, RevocationList, type Revoked } from './revocation-list.ts';

const PULL_MS = 5000;
/** Between attempts until the first pull has worked: nobody is let in before. */
const FIRST_PULL_MS = 250;
const ASK_MS = 2000;

/**
 * Which sign-in sessions, tokens and users' older tokens have ended. The rows in the database are the truth: they are pulled
 * every 5 s, so the bus may lose any signal; a signal only makes it quick.
 */
export class Revocations {
  private readonly list = new RevocationList();
  private readonly listeners = new Set<(revoked: Revoked) => void>();
  private cursor = 0;
  private timer: NodeJS.Timeout | undefined;
  private pulling: Promise<void> | undefined;
  private started = false;
  private again = false;
  private stopped = false;
  private first = Promise.withResolvers<void>();
  private complete = false;

  constructor(
    private readonly requests: RequestBus,
    private readonly telemetry: AuthTelemetry,
    private readonly marks = new RevokedSessions(undefined),
  ) {}

  /**
   * Whether a session may not go on. Ask after the session has been put where `onRevoked` finds it, not only before:
   * a revocation that comes between check and registration would otherwise miss it.
   */
  isRevoked(identity: Identity): boolean {
    return this.list.has(identity);
  }

  /** Revoked by another process in this moment: its signal may still be on its way, or lost. */
  isMarked({ sid, jti, user, issuedAt }: Identity): Promise<boolean> {
    return this.marks.has({ sid, jti, user, issuedAt });
  }

  /** Called once for each revocation that becomes known. Returns what ends it. */
  onRevoked(listener: (revoked: Revoked) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when all that was revoked before the start is known; may stay pending as long as the auth service is away. */
  get known(): Promise<void> {
    return this.first.promise;
  }

  /** Whether `known` has resolved; once true it stays true, however long the auth service is away later. */
  get areKnown(): boolean {
    return this.complete;
  }

  start(): void {
    if (this.started || this.stopped) return;
    this.started = true;
    void this.pull();
  }

  /** A signal on the control channel; whoever reads the fan-out passes it on. @throws SyntaxError if it is not JSON */
  hear({ data }: Signal): void {
    const heard = fromSignal(data, Date.now());
    if (heard) this.learn(heard.revoked, heard.until);
  }

  /** Signals may have been missed. A pull that is under way may have looked before what they told of. */
  pullSoon(): void {
    if (!this.started || this.stopped) return;
    this.again = this.pulling !== undefined;
    void this.pull();
  }

  /** Resolves when no pull is under way any more; tolerates never started and twice. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.pulling;
  }

  private learn(revoked: Revoked, until: number): void {
    if (!this.list.add(revoked, until)) return;
    this.telemetry.revoked();
    for (const listener of this.listeners) listener(revoked);
  }

  /** One at a time; never rejects; sets the next one. */
  private pull(): Promise<void> {
    clearTimeout(this.timer);
    this.pulling ??= this.pullAll()
      .then(
        () => this.telemetry.revocationsPulled(),
        (error: unknown) => this.telemetry.revocationsFailed(error),
      )
      .then(() => {
        this.pulling = undefined;
        const pause = this.complete && !this.again ? PULL_MS : FIRST_PULL_MS;
        this.again = false;
        if (!this.stopped) this.timer = setTimeout(() => void this.pull(), pause);
      });
    return this.pulling;
  }

  private async pullAll(): Promise<void> {
    let before: number;
    do {
      before = this.cursor;
      const { revocations, last } = await ask(this.requests, ListRevocations, { after: before }, { timeoutMs: ASK_MS });
      for (const row of revocations) this.learn(fromRow(row), row.expires_at);
      // Lower than asked for: the database was set back, what it appends now has numbers that we have passed.
      this.cursor = last < before ? 0 : last;
    } while (this.cursor !== before && !this.stopped);
    this.list.forget(Date.now());
    if (!this.complete) {
      this.complete = true;
      this.first.resolve();
    }
  }
}
