/** Questions to services of this process: a lane for each service, so a slow one holds up nobody else. */
import { VecheError } from '@veche/contracts';
import type { Clock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { AskOptions, Handlers, RequestBus } from '../ports.ts';
import { EarlyAskers } from '../requests/early-askers.ts';
import { queryJson, resultOf } from '../requests/request.rules.ts';
import { serviceOf } from '../service.ts';
import { Lane } from './lane.ts';

type RequestHandlers = Handlers['requests'];

interface Question {
  readonly kind: string;
  readonly body: string;
  readonly traceparent: string | undefined;
}

export class Requests implements RequestBus {
  private handlers: RequestHandlers = new Map();
  private readonly early: EarlyAskers;
  private readonly lanes = new Map<string, Lane>();
  private stopped = false;

  constructor(
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
    private readonly clock: Clock,
  ) {
    this.early = new EarlyAskers(clock);
  }

  async ask(kind: string, query: unknown, { timeoutMs = this.config.RPC_TIMEOUT_MS, traceparent }: AskOptions = {}): Promise<unknown> {
    const began = this.clock.now();
    try {
      const question = { kind, body: queryJson(query), traceparent };
      await this.early.untilServed(timeoutMs);
      const answer = await this.answered(question, timeoutMs);
      this.telemetry.requestDone(kind, 'ok', this.clock.now() - began);
      return answer;
    } catch (error) {
      this.telemetry.requestDone(this.handlers.has(kind) ? kind : 'unknown', resultOf(error), this.clock.now() - began);
      throw error;
    }
  }

  serve(handlers: RequestHandlers): void {
    this.handlers = handlers;
    this.early.admit();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.early.admit();
    await Promise.all([...this.lanes.values()].map((lane) => lane.idle()));
  }

  private answered(question: Question, timeoutMs: number): Promise<unknown> {
    const { kind } = question;
    const handler = this.handlers.get(kind);
    if (!handler || this.stopped) throw new VecheError('unavailable', this.stopped ? 'the server is stopping' : `nothing here answers ${kind}`);
    return new Promise((resolve, reject) => {
      let late = false;
      const cancel = this.clock.after(timeoutMs, () => {
        late = true;
        reject(new VecheError('outcome_unknown', `no answer within ${timeoutMs} ms`));
      });
      // An asker that has given up is not worth the work any more.
      const job = async (): Promise<void> => (late ? undefined : this.handle(question, handler).then(resolve, reject));
      if (!this.laneOf(kind).run(() => job().finally(cancel))) {
        cancel();
        reject(new VecheError('unavailable', 'too many requests are waiting, try again after a pause'));
      }
    });
  }

  private async handle({ kind, body, traceparent }: Question, handler: (query: unknown, traceparent?: string) => Promise<unknown>): Promise<unknown> {
    // Asynchronous like any bus: the handler never runs inside its asker's call.
    await Promise.resolve();
    try {
      const answer = JSON.stringify(await handler(JSON.parse(body), traceparent)) as string | undefined;
      return answer === undefined ? undefined : JSON.parse(answer);
    } catch (error) {
      // What crosses a bus is the refusal, never the service's own error with its stack and statement.
      if (error instanceof VecheError) throw new VecheError(error.error, error.message, error.details, error.retryAfterMs);
      this.telemetry.requestFailed(kind, error);
      throw new VecheError('internal');
    }
  }

  private laneOf(kind: string): Lane {
    const service = serviceOf(kind);
    const found = this.lanes.get(service);
    if (found) return found;
    const lane = new Lane(this.config.RPC_CONSUMER_PREFETCH, this.config.RPC_BACKLOG);
    this.lanes.set(service, lane);
    return lane;
  }
}
