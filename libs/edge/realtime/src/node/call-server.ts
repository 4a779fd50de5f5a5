import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type DataOf, type NodeAnswerOf, type NodeOutcome, type NodeQuestion, type NodeQuestionContract, VecheError } from '@veche/contracts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { MAX_ANSWER } from './answer-parts.rules.ts';
import { Repeats } from './repeats.ts';

/** Who asks, for handlers that must keep what one asker says in order. */
export interface Asked {
  readonly from: string;
  /** Rises with each call of the same asker. */
  readonly call: number;
}

type Handler = (body: unknown, asked: Asked) => unknown;

/** Longer than any call is awaited (see `Repeats`). */
const TURN_MS = 10_000;
/** Questions that are being carried out here. */
const MAX_RUNNING = 2_000;

/** Carries out what other nodes ask of this one. */
@Injectable()
export class CallServer implements OnModuleInit, OnApplicationShutdown {
  /** Set by the calls: says what came of a question. */
  answer: (to: NodeQuestion, outcome: string) => void = () => {};
  private readonly handlers = new Map<string, { readonly contract: NodeQuestionContract; readonly handle: Handler }>();
  private readonly repeats = new Repeats<Promise<string>>();
  private timer: NodeJS.Timeout | undefined;
  private running = 0;

  constructor(private readonly telemetry: RealtimeTelemetry) {}

  onModuleInit(): void {
    this.timer = setInterval(() => this.repeats.turn(), TURN_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
  }

  /** Whoever can answer a question says so before the application listens. */
  serve<C extends NodeQuestionContract>(contract: C, handle: (body: DataOf<C>, asked: Asked) => NodeAnswerOf<C> | Promise<NodeAnswerOf<C>>): void {
    this.handlers.set(contract.name, { contract, handle: handle as Handler });
  }

  /** The same question, put by this process to itself. Never rejects. */
  here<C extends NodeQuestionContract>({ name }: C, body: DataOf<C>): Promise<NodeOutcome> {
    return this.outcome(name, body, { from: '', call: 0 });
  }

  hear(question: NodeQuestion): void {
    void this.textOf(question).then((text) => text !== undefined && this.answer(question, text));
  }

  /** `undefined`: too late, nobody waits for it. */
  private async textOf(question: NodeQuestion): Promise<string | undefined> {
    const { from, call, question: name } = question;
    if (this.handlers.get(name)?.contract.looks) return this.carryOut(question);
    const known = this.repeats.find(from, call);
    if (known === 'late') return undefined;
    if (known !== 'new') return known;
    const text = this.carryOut(question);
    this.repeats.keep(from, call, text);
    return text;
  }

  private async carryOut({ from, call, question, body }: NodeQuestion): Promise<string> {
    if (this.running >= MAX_RUNNING) return BUSY;
    this.running++;
    try {
      const text = JSON.stringify(await this.outcome(question, body, { from, call }));
      return text.length > MAX_ANSWER ? TOO_LONG : text;
    } finally {
      this.running--;
    }
  }

  private async outcome(name: string, body: unknown, asked: Asked): Promise<NodeOutcome> {
    try {
      const handler = this.handlers.get(name);
      // A newer process asks what this one does not know yet: it learns so and does without.
      if (!handler) throw new VecheError('not_available', `this process does not answer ${name.slice(0, 64)}`);
      const query = handler.contract.schema.safeParse(body);
      if (!query.success) throw new VecheError('bad_request', `not a body of ${name}`);
      return { answer: (await handler.handle(query.data, asked)) ?? null };
    } catch (error) {
      if (!(error instanceof VecheError)) this.telemetry.unexpected(error, `a question of another process failed: ${name.slice(0, 64)}`);
      const known = error instanceof VecheError ? error : new VecheError('internal');
      return { error: known.error, message: known.message, ...(known.retryAfterMs !== undefined && { retry_after_ms: known.retryAfterMs }) };
    }
  }
}

const refused = (error: string, message: string): string => JSON.stringify({ error, message } satisfies NodeOutcome);
const BUSY = refused('too_many_requests', 'this process has too many questions to answer');
const TOO_LONG = refused('limit_exceeded', 'the answer is too long: ask for less');
