/** The spans of one delivered batch. A batch has many parents: it is a part of the first traced one's trace, and linked to all others. */
import { type ChannelEvent, type CommandEnvelope, type CommandReply, parseChannel } from '@veche/contracts';
import type { TraceSpan, Tracing } from '@veche/platform-telemetry';

export class BatchTrace {
  /** Per traced command, by its place in the batch: what its sender sees of the handling. */
  private readonly handled = new Map<number, TraceSpan>();
  /** Holds the transaction and the publish. */
  readonly span: TraceSpan;

  private constructor(
    tracing: Tracing,
    private readonly batch: readonly CommandEnvelope[],
    attempt: number,
  ) {
    batch.forEach(({ traceparent, kind, channel }, index) => {
      const attributes = { 'veche.namespace': parseChannel(channel)?.namespace ?? '', retry_count: attempt - 1 };
      const span = tracing.continueFrom(traceparent, `handle ${kind}`, { kind: 'consumer', attributes });
      if (span) this.handled.set(index, span);
    });
    const [first, ...others] = [...this.handled.values()] as [TraceSpan, ...TraceSpan[]];
    const options = { links: others.map(({ traceparent }) => traceparent), attributes: { 'messaging.batch.message_count': batch.length } };
    this.span = first.child('batch', options);
    // Whoever looks at one of the others finds the batch from there.
    for (const span of others) span.child('in a batch of another trace', { links: [this.span.traceparent] }).end();
  }

  /** Undefined when nobody traces any of its commands. */
  static of(tracing: Tracing, batch: readonly CommandEnvelope[], attempt: number): BatchTrace | undefined {
    if (!tracing.on || !batch.some(({ traceparent }) => traceparent !== undefined)) return undefined;
    return new BatchTrace(tracing, batch, attempt);
  }

  /** The events of traced commands, as they travel on the fan-out: gateways go on with the trace of the command. */
  onward<E extends ChannelEvent>(events: readonly E[]): readonly E[] {
    const spans = new Map([...this.handled].map(([index, span]) => [keyOf(this.batch[index]!), span]));
    return events.map((event) => {
      const span = spans.get(keyOf(event));
      return span ? { ...event, traceparent: span.traceparent } : event;
    });
  }

  /** @param replies in the order of the commands; absent: the batch failed and comes again */
  end(replies?: readonly CommandReply[], error?: unknown): void {
    this.span.end();
    for (const [index, span] of this.handled) {
      const reply = replies?.[index];
      if (reply) span.set('result_status', reply.ok ? 'ok' : reply.error);
      else span.fail(error);
      span.end();
    }
  }
}

const keyOf = ({ channel, actor, command_id }: Pick<ChannelEvent, 'channel' | 'actor' | 'command_id'>): string => `${channel} ${command_id} ${actor}`;
