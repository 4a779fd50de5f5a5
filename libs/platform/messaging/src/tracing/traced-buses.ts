/**
 * Spans of what leaves on the bus, whichever adapter carries it: what is sent within a traced flow carries its traceparent.
 * With traces off the adapter's own ports are used, unwrapped.
 */
import { type CommandEnvelope, type CommandReply, parseChannel } from '@veche/contracts';
import type { Tracing } from '@veche/platform-telemetry';
import type { AskOptions, CommandBus, RequestBus, WorkBus, WorkUnit } from '../ports.ts';

export const tracedCommands = (bus: CommandBus, tracing: Tracing): CommandBus => (tracing.on ? new TracedCommands(bus, tracing) : bus);
export const tracedRequests = (bus: RequestBus, tracing: Tracing): RequestBus => (tracing.on ? new TracedRequests(bus, tracing) : bus);
export const tracedWork = (bus: WorkBus, tracing: Tracing): WorkBus => (tracing.on ? new TracedWork(bus, tracing) : bus);

class TracedCommands implements CommandBus {
  constructor(
    private readonly bus: CommandBus,
    private readonly tracing: Tracing,
  ) {}

  /** Until the reply: the span of the handling stands within it, and what is before that is the wait in the queue. */
  async send(command: CommandEnvelope): Promise<CommandReply> {
    const parent = this.tracing.current;
    if (!parent) return this.bus.send(command);
    const attributes = { 'veche.namespace': parseChannel(command.channel)?.namespace ?? '' };
    const span = parent.child(`send ${command.kind}`, { kind: 'producer', attributes });
    const reply = await this.bus.send({ ...command, traceparent: span.traceparent });
    span.set('result_status', reply.ok ? 'ok' : reply.error);
    span.end();
    return reply;
  }
}

class TracedRequests implements RequestBus {
  constructor(
    private readonly bus: RequestBus,
    private readonly tracing: Tracing,
  ) {}

  ask(kind: string, query: unknown, options?: AskOptions): Promise<unknown> {
    return this.tracing.span(`ask ${kind}`, { kind: 'client' }, (span) =>
      this.bus.ask(kind, query, span ? { ...options, traceparent: span.traceparent } : options),
    );
  }
}

class TracedWork implements WorkBus {
  constructor(
    private readonly bus: WorkBus,
    private readonly tracing: Tracing,
  ) {}

  enqueue(unit: WorkUnit): Promise<void> {
    const options = { kind: 'producer', attributes: { 'veche.work.class': unit.class } } as const;
    return this.tracing.span(`enqueue ${unit.kind}`, options, (span) => this.bus.enqueue(span ? { ...unit, traceparent: span.traceparent } : unit));
  }
}
