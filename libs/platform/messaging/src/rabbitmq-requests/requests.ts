/** The asking side of requests: every question ends by its deadline, and a service that does not answer is not asked in vain. */
import { randomUUID } from 'node:crypto';
import { VecheError } from '@veche/contracts';
import type { ConsumeMessage } from 'amqplib';
import { type Clock, systemClock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { AskOptions, RequestBus } from '../ports.ts';
import { Breaker, type Leave, type Report } from './breaker.ts';
import type { Publisher } from '../rabbitmq/broker.ts';
import { EarlyAskers } from '../requests/early-askers.ts';
import { queryJson, resultOf } from '../requests/request.rules.ts';
import { serviceOf } from '../service.ts';
import { answered, questionOf } from './request-records.ts';
import type { Topology } from '../rabbitmq/topology.ts';

/** Where answers to this process arrive. */
export interface Answers {
  /** Routing key; undefined while there is no queue to answer to. */
  readonly address: string | undefined;
  /** Called once with the answer that carries this correlation id, or with undefined when the queue of answers was lost. Returns what forgets it. */
  expect(id: string, take: (answer: Pick<ConsumeMessage, 'content' | 'properties'> | undefined) => void): () => void;
}

export interface RequestParts {
  readonly publisher: Publisher;
  readonly replies: Answers;
  readonly topology: Topology;
  readonly clock?: Clock;
}

/** Questions to one service that are under way from here. */
interface Line {
  readonly breaker: Breaker;
  asked: number;
}

interface Question {
  readonly kind: string;
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly traceparent: string | undefined;
}

export class Requests implements RequestBus {
  private readonly early: EarlyAskers;
  private readonly lines = new Map<string, Line>();
  private readonly clock: Clock;
  private stopped = false;

  constructor(
    private readonly parts: RequestParts,
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
  ) {
    this.clock = parts.clock ?? systemClock;
    this.early = new EarlyAskers(this.clock);
  }

  async ask(kind: string, query: unknown, { timeoutMs = this.config.RPC_TIMEOUT_MS, traceparent }: AskOptions = {}): Promise<unknown> {
    const began = this.clock.now();
    try {
      const question = { kind, body: Buffer.from(queryJson(query)), timeoutMs, traceparent };
      await this.early.untilServed(timeoutMs);
      const answer = await this.answerOf(question);
      this.telemetry.requestDone(kind, 'ok', this.clock.now() - began);
      return answer;
    } catch (error) {
      this.telemetry.requestDone(kind, resultOf(error), this.clock.now() - began);
      throw error;
    }
  }

  /** Called once this process answers what it answers. */
  serve(): void {
    this.early.admit();
  }

  /** What is under way ends with its answer or its deadline; nothing new is asked. */
  stop(): void {
    this.stopped = true;
    this.serve();
  }

  private async answerOf(question: Question): Promise<unknown> {
    if (this.stopped) throw new VecheError('unavailable', 'the server is stopping');
    const service = serviceOf(question.kind);
    const line = this.lineOf(service);
    if (line.asked >= this.config.RPC_CONSUMER_PREFETCH + this.config.RPC_BACKLOG)
      throw new VecheError('unavailable', 'too many requests are waiting, try again after a pause');
    // The broker's absence is no fault of the service: its breaker does not learn of it.
    const { address } = this.parts.replies;
    if (address === undefined || this.parts.publisher.hindered !== undefined)
      throw new VecheError('unavailable', 'requests cannot be sent at the moment, try again after a pause');
    const leave = line.breaker.enter(this.clock.now());
    if (!leave) return this.spared(service, line);
    line.asked++;
    try {
      return await this.exchange(question, address, (report) => this.report(service, line, leave, report));
    } finally {
      line.asked--;
    }
  }

  private spared(service: string, { breaker }: Line): never {
    this.telemetry.requestSpared(service);
    const pauseMs = breaker.retryAfter(this.clock.now());
    throw new VecheError('unavailable', `${service} does not answer at the moment, try again after a pause`, [], pauseMs || undefined);
  }

  private report(service: string, { breaker }: Line, leave: Leave, report: Report): void {
    const now = this.clock.now();
    const wasClosed = breaker.state(now) === 'closed';
    breaker.report(leave, report, now);
    const isClosed = breaker.state(now) === 'closed';
    if (wasClosed !== isClosed) this.telemetry.breaker(service, !isClosed);
  }

  /** @param report of how the service did, exactly once */
  private exchange({ kind, body, timeoutMs, traceparent }: Question, replyTo: string, report: (outcome: Report) => void): Promise<unknown> {
    const { publisher, replies, topology } = this.parts;
    const messageId = randomUUID();
    return new Promise((resolve, reject) => {
      let open = true;
      const end = (outcome: Report, settle: () => void): void => {
        if (!open) return;
        open = false;
        cancel();
        forget();
        report(outcome);
        settle();
      };
      const fail = (outcome: Report, error: VecheError): void => end(outcome, () => reject(error));
      const cancel = this.clock.after(timeoutMs, () => fail('failed', new VecheError('outcome_unknown', `no answer within ${timeoutMs} ms`)));
      const forget = replies.expect(messageId, (message) => {
        // The queue of answers is gone, and with it whatever had been answered.
        if (!message) return fail('void', new VecheError('outcome_unknown', 'the answer was lost with a connection'));
        const { overloaded, result } = answered(message);
        end(overloaded ? 'failed' : 'ok', () => (result instanceof VecheError ? reject(result) : resolve(result.answer)));
      });
      const properties = questionOf({ kind, messageId, timeoutMs, traceparent, replyTo, deadline: this.clock.now() + timeoutMs });
      void publisher.publish(topology.requests.name, kind, body, properties).then((outcome) => {
        if (outcome === 'returned') fail('failed', new VecheError('unavailable', `nothing here answers ${kind}`));
        // Nobody knows whether it arrived, but waiting longer would tell no more: an answer mostly comes before the confirm.
        if (outcome === 'unknown') fail('void', new VecheError('outcome_unknown', 'the broker did not confirm the request'));
      });
    });
  }

  private lineOf(service: string): Line {
    const found = this.lines.get(service);
    if (found) return found;
    const line = { breaker: new Breaker(), asked: 0 };
    this.lines.set(service, line);
    return line;
  }
}
