import { Injectable } from '@nestjs/common';
import { OPERATIONS } from '@veche/contracts';
import { type TraceSpan, Tracing } from '@veche/platform-telemetry';
import { isEvent, type Item } from './hub/channel-state.ts';
import { ServerId } from './server-id.ts';
import type { Session } from './session/session.ts';

/** Where traces begin, at a client's frame, and where they end, at the write to local subscribers. */
@Injectable()
export class GatewayTraces {
  constructor(
    private readonly tracing: Tracing,
    private readonly server: ServerId,
  ) {}

  /**
   * Runs what a client asked for as a trace of its own or, untraced, just so.
   * @param traceparent as the frame brought it. That of the handshake is only linked to: one sampled handshake would else trace every
   * message of a session that lasts for days
   */
  command<T extends void | Promise<unknown>>(session: Session, name: string, traceparent: unknown, run: () => T): T {
    if (!this.tracing.on) return run();
    const span = this.tracing.receive(name, typeof traceparent === 'string' ? traceparent : undefined, linksOf(session));
    if (!span) return this.tracing.within(undefined, run);
    span.set('veche.door', session.transport.door);
    span.set('server_id', this.server.name);
    return ending(span, () => this.tracing.within(span, run));
  }

  /** Spans of the events that are about to be written; undefined when none of them is traced, which is nearly always. */
  delivering(items: readonly Item[], recipients: number): readonly TraceSpan[] | undefined {
    if (!this.tracing.on) return undefined;
    let spans: TraceSpan[] | undefined;
    for (const item of items) {
      if (!isEvent(item) || item.traceparent === undefined) continue;
      const attributes = { server_id: this.server.name, 'veche.recipients': recipients };
      const span = this.tracing.continueFrom(item.traceparent, 'deliver', { kind: 'consumer', attributes });
      if (span) (spans ??= []).push(span);
    }
    return spans;
  }
}

/** What is in the name of a span comes from a table, never from the client. */
export const operationName = (method: unknown): string => (typeof method === 'string' && Object.hasOwn(OPERATIONS, method) ? `rpc ${method}` : 'rpc');

const linksOf = ({ peer }: Session): { links: string[] } | undefined => (peer.traceparent === undefined ? undefined : { links: [peer.traceparent] });

function ending<T extends void | Promise<unknown>>(span: TraceSpan, run: () => T): T {
  try {
    const running = run();
    if (!running) span.end();
    else
      running.then(
        () => span.end(),
        (error: unknown) => failed(span, error),
      );
    return running;
  } catch (error) {
    failed(span, error);
    throw error;
  }
}

function failed(span: TraceSpan, error: unknown): void {
  span.fail(error);
  span.end();
}
