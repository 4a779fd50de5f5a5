/** A question and its answer as messages. What the service refused with crosses the bus; its own errors, with their stacks and statements, never do. */
import { ERRORS, type ErrorName, type FieldProblem, VecheError } from '@veche/contracts';
import type { ConsumeMessage, Options } from 'amqplib';

const DEADLINE = 'deadline';
const OVERLOADED = 'overloaded';

export interface QuestionProperties {
  readonly kind: string;
  readonly messageId: string;
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  readonly replyTo: string;
  readonly traceparent: string | undefined;
}

/** Expires in the queue too, by the broker's own clock: a server whose clock is behind never sees what nobody waits for. */
export const questionOf = ({ kind, messageId, timeoutMs, deadline, replyTo, traceparent }: QuestionProperties): Options.Publish & { messageId: string } => ({
  messageId,
  type: kind,
  replyTo,
  expiration: Math.max(1, Math.ceil(timeoutMs)),
  mandatory: true,
  headers: { [DEADLINE]: deadline, ...(traceparent !== undefined && { traceparent }) },
});

export interface ReceivedQuestion {
  readonly kind: string;
  /** By the asker's clock, as `sentAt`; infinite for who set none. */
  readonly deadline: number;
  readonly sentAt: number | undefined;
  readonly traceparent: string | undefined;
  readonly replyTo: string | undefined;
  readonly messageId: string;
}

export function questionFrom({ properties, fields }: ConsumeMessage): ReceivedQuestion {
  const headers: Readonly<Record<string, unknown>> = properties.headers ?? {};
  const traceparent = headers['traceparent'];
  return {
    kind: String(properties.type ?? fields.routingKey),
    deadline: Number(headers[DEADLINE] ?? Infinity),
    sentAt: sentAtOf(Number(headers[DEADLINE]), Number(properties.expiration)),
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    replyTo: properties.replyTo as string | undefined,
    messageId: String(properties.messageId),
  };
}

/** The expiration is the time that the asker gave the question when it left. */
const sentAtOf = (deadline: number, expiration: number): number | undefined => (Number.isFinite(deadline - expiration) ? deadline - expiration : undefined);

export const answerBody = (answer: unknown): Buffer => {
  const json = JSON.stringify(answer) as string | undefined;
  return Buffer.from(json === undefined ? '{"ok":true}' : `{"ok":true,"answer":${json}}`);
};

export const refusalBody = ({ error, message, details, retryAfterMs }: VecheError): Buffer =>
  Buffer.from(JSON.stringify({ ok: false, error, message, details, retry_after_ms: retryAfterMs }));

export const answerProperties = (messageId: string, overloaded: boolean): Options.Publish => ({
  correlationId: messageId,
  deliveryMode: 1,
  ...(overloaded && { headers: { [OVERLOADED]: true } }),
});

export interface Answered {
  /** The service sheds what it cannot do in time: as bad for the breaker as silence. */
  readonly overloaded: boolean;
  readonly result: VecheError | { readonly answer: unknown };
}

export function answered({ content, properties }: Pick<ConsumeMessage, 'content' | 'properties'>): Answered {
  const overloaded = (properties.headers as Readonly<Record<string, unknown>> | undefined)?.[OVERLOADED] === true;
  try {
    const reply = JSON.parse(content.toString()) as {
      ok: boolean;
      answer?: unknown;
      error: string;
      message?: string;
      details?: FieldProblem[];
      retry_after_ms?: number;
    };
    if (reply.ok) return { overloaded, result: { answer: reply.answer } };
    // A newer service may refuse with what this process has no row for.
    const error = reply.error in ERRORS ? (reply.error as ErrorName) : 'internal';
    return { overloaded, result: new VecheError(error, reply.message, reply.details, reply.retry_after_ms) };
  } catch {
    return { overloaded, result: new VecheError('internal', 'the answer could not be read') };
  }
}
