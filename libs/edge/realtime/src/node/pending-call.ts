import { ERRORS, type ErrorName, type NodeAnswer, NodeOutcome, VecheError } from '@veche/contracts';
import { Assembly } from './answer-parts.rules.ts';

/** One node's share of a call: the parts of its answer, and what came of it. */
export interface NodeReply {
  readonly node: string;
  readonly outcome: NodeOutcome;
}

/** Between attempts: what was lost is said again soon, a slow node is not flooded. */
const RETRIES_MS = [100, 150, 250, 400, 600, 900, 1_200, 1_500];

/**
 * A question under way to some nodes. Ends when all have answered, are gone, or the deadline has come; never later, never without an end.
 */
export class PendingCall {
  readonly replies = new Map<string, NodeOutcome>();
  readonly gone = new Set<string>();
  private readonly assemblies = new Map<string, Assembly>();
  private readonly deadline: NodeJS.Timeout;
  private retry: NodeJS.Timeout | undefined;
  private attempt = 1;
  private readonly waiting: Set<string>;
  private ended = false;

  constructor(
    nodes: readonly string[],
    timeoutMs: number,
    /** Puts the question again to those who have not answered. */
    private readonly again: (nodes: readonly string[], attempt: number) => void,
    private readonly done: () => void,
  ) {
    this.waiting = new Set(nodes);
    this.deadline = setTimeout(() => this.end(), timeoutMs);
    this.schedule();
  }

  get missing(): readonly string[] {
    return [...this.waiting];
  }

  hear(answer: NodeAnswer): void {
    if (this.ended || this.replies.has(answer.from)) return;
    let assembly = this.assemblies.get(answer.from);
    if (!assembly) this.assemblies.set(answer.from, (assembly = new Assembly()));
    const text = assembly.add(answer);
    if (text === undefined) return;
    this.replies.set(answer.from, read(text));
    this.assemblies.delete(answer.from);
    this.settle(answer.from);
  }

  nodeGone(node: string): void {
    if (!this.waiting.has(node)) return;
    this.gone.add(node);
    this.settle(node);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.deadline);
    clearTimeout(this.retry);
    this.done();
  }

  private settle(node: string): void {
    this.waiting.delete(node);
    if (this.waiting.size === 0) this.end();
  }

  private schedule(): void {
    const pause = RETRIES_MS[this.attempt - 1];
    if (pause === undefined) return;
    this.retry = setTimeout(() => {
      this.again(this.missing, ++this.attempt);
      this.schedule();
    }, pause);
  }
}

function read(text: string): NodeOutcome {
  try {
    return NodeOutcome.parse(JSON.parse(text));
  } catch {
    return { error: 'internal', message: 'the answer of another process was not understood' };
  }
}

/** The answer. @throws VecheError what the other node refused with */
export function answerOf(outcome: NodeOutcome): unknown {
  if ('answer' in outcome) return outcome.answer;
  const { error, message, retry_after_ms: wait } = outcome;
  throw new VecheError(Object.hasOwn(ERRORS, error) ? (error as ErrorName) : 'internal', message, [], wait);
}
