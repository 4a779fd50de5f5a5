import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  type DataOf,
  NODE_ANSWER,
  NODE_QUESTION,
  NodeAnswer,
  type NodeAnswerOf,
  nodeChannel,
  type NodeOutcome,
  NodeQuestion,
  type NodeQuestionContract,
  NODES_CHANNEL,
  type Signal,
  VecheError,
} from '@veche/contracts';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import type { z } from 'zod';
import { Hub } from '../hub/hub.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { ServerId } from '../server-id.ts';
import { partsOf } from './answer-parts.rules.ts';
import { CallServer } from './call-server.ts';
import { Membership } from './membership.ts';
import { answerOf, PendingCall } from './pending-call.ts';
import { readSignal } from './read-signal.rules.ts';

/** Calls of this process that may be under way. */
const MAX_PENDING = 10_000;
const TIMEOUT_MS = 3_000;
/** No call is awaited longer: what is older is never carried out (see `Repeats`). */
const MAX_TIMEOUT_MS = 8_000;

export interface Survey<A> {
  readonly answers: readonly { readonly node: string; readonly answer: A }[];
  /** Names of the errors that nodes refused with. */
  readonly refusals: readonly string[];
  /** Every node that can be there has answered. */
  readonly complete: boolean;
}

interface CallOptions {
  /** At most 8,000. */
  readonly timeoutMs?: number;
}

/**
 * Questions from one process of the edge to another, or to all. Over signals, which may be lost, repeated and swapped: so a question is put
 * again until it is answered, and carried out at most once. About what a process holds in memory only: its end ends it.
 */
@Injectable()
export class NodeCalls implements OnModuleInit, OnApplicationShutdown {
  private readonly pending = new Map<number, PendingCall>();
  private last = 0;

  // allowed: size: it stands between the bus, who is there, and who serves
  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    private readonly hub: Hub,
    private readonly server: ServerId,
    private readonly membership: Membership,
    private readonly served: CallServer,
    private readonly telemetry: RealtimeTelemetry,
  ) {}

  onModuleInit(): void {
    this.hub.listen(nodeChannel(this.server.node), (signal) => this.hear(signal));
    this.hub.listen(NODES_CHANNEL, (signal) => this.hear(signal));
    this.membership.onGone((node) => {
      for (const call of this.pending.values()) call.nodeGone(node);
    });
    this.served.answer = (to, outcome) => this.answer(to, outcome);
  }

  async onApplicationShutdown(): Promise<void> {
    for (const call of this.pending.values()) call.end();
  }

  /**
   * Asks one node; this one too.
   * @throws VecheError `not_found` when there is no such node (any more), `outcome_unknown` at the deadline, what it refused with
   */
  async ask<C extends NodeQuestionContract>(node: string, contract: C, body: z.input<C['schema']>, options: CallOptions = {}): Promise<NodeAnswerOf<C>> {
    if (node === this.server.node) return answerOf(await this.served.here(contract, body as DataOf<C>)) as NodeAnswerOf<C>;
    if (!this.membership.has(node) && this.membership.isComplete) throw new VecheError('not_found', 'that process is gone');
    const { replies, gone } = await this.put(contract, body, { nodes: [node], options });
    const outcome = replies.get(node);
    this.telemetry.nodeCall(contract.name, outcomeOf(outcome, gone.size > 0));
    if (outcome) return answerOf(outcome) as NodeAnswerOf<C>;
    if (gone.size > 0) throw new VecheError('not_found', 'that process is gone');
    throw new VecheError('outcome_unknown', 'another process did not answer in time', [], 1_000);
  }

  /** Tells one node something; nobody learns whether it arrived. */
  tell<C extends NodeQuestionContract>(node: string, contract: C, body: z.input<C['schema']>): void {
    if (node === this.server.node) void this.served.here(contract, body as DataOf<C>);
    else this.send(nodeChannel(node), { from: this.server.node, call: ++this.last, attempt: 1, question: contract.name, body });
  }

  /** Asks all nodes, this one too; answers when all have, at the latest at the deadline. Never rejects. */
  async survey<C extends NodeQuestionContract>(contract: C, body: z.input<C['schema']>, options: CallOptions = {}): Promise<Survey<NodeAnswerOf<C>>> {
    const began = performance.now();
    const timeoutMs = timeoutOf(options);
    const own = this.served.here(contract, body as DataOf<C>);
    await Promise.race([this.membership.whenComplete, pause(timeoutMs / 2)]);
    const complete = this.membership.isComplete;
    const nodes = this.membership.others;
    const left = Math.max(50, timeoutMs - (performance.now() - began));
    const { replies, missing } = nodes.length === 0 ? NOBODY : await this.put(contract, body, { nodes, toAll: true, options: { timeoutMs: left } });
    const outcomes: [string, NodeOutcome][] = [[this.server.node, await own], ...replies];
    const answers = outcomes.flatMap(([node, outcome]) => ('answer' in outcome ? [{ node, answer: outcome.answer as NodeAnswerOf<C> }] : []));
    const refusals = outcomes.flatMap(([, outcome]) => ('error' in outcome ? [outcome.error] : []));
    for (const [, outcome] of outcomes) this.telemetry.nodeCall(contract.name, outcomeOf(outcome, false));
    for (const _node of missing) this.telemetry.nodeCall(contract.name, 'timeout');
    return { answers, refusals, complete: complete && missing.length === 0 && refusals.length === 0 };
  }

  private put(
    contract: NodeQuestionContract,
    body: unknown,
    { nodes, toAll = false, options }: { readonly nodes: readonly string[]; readonly toAll?: boolean; readonly options: CallOptions },
  ): Promise<PendingCall> {
    if (this.pending.size >= MAX_PENDING) throw new VecheError('too_many_requests', 'too many questions between processes are under way', [], 1_000);
    const call = ++this.last;
    const question = (attempt: number): NodeQuestion => ({ from: this.server.node, call, attempt, question: contract.name, body });
    return new Promise((resolve) => {
      const pending = new PendingCall(
        nodes,
        timeoutOf(options),
        (missing, attempt) => missing.forEach((node) => this.send(nodeChannel(node), question(attempt))),
        () => {
          this.pending.delete(call);
          resolve(pending);
        },
      );
      this.pending.set(call, pending);
      if (toAll) this.send(NODES_CHANNEL, question(1));
      else for (const node of nodes) this.send(nodeChannel(node), question(1));
    });
  }

  private hear(signal: Signal): void {
    if (signal.kind === NODE_ANSWER) {
      const answer = readSignal(NodeAnswer, signal);
      if (answer) this.pending.get(answer.call)?.hear(answer);
    } else if (signal.kind === NODE_QUESTION) {
      const question = readSignal(NodeQuestion, signal);
      if (question && question.from !== this.server.node) this.served.hear(question);
    }
  }

  private answer({ from, call, attempt }: NodeQuestion, outcome: string): void {
    const parts = partsOf(outcome);
    const answers = parts.map((text, part): NodeAnswer => ({ from: this.server.node, call, attempt, part, parts: parts.length, text }));
    this.bus.signal(answers.map((answer) => signalOf(nodeChannel(from), NODE_ANSWER, answer)));
  }

  private send(channel: string, question: NodeQuestion): void {
    this.bus.signal([signalOf(channel, NODE_QUESTION, question)]);
  }
}

const NOBODY: Pick<PendingCall, 'replies' | 'missing'> = { replies: new Map(), missing: [] };

const signalOf = (channel: string, kind: string, data: unknown): Signal => ({ channel, kind, actor: '', data: JSON.stringify(data), meta: null });

const timeoutOf = ({ timeoutMs = TIMEOUT_MS }: CallOptions): number => Math.min(timeoutMs, MAX_TIMEOUT_MS);

function outcomeOf(outcome: NodeOutcome | undefined, gone: boolean): 'ok' | 'refused' | 'timeout' | 'gone' {
  if (!outcome) return gone ? 'gone' : 'timeout';
  return 'answer' in outcome ? 'ok' : 'refused';
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
