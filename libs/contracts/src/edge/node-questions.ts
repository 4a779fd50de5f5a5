/** What one process of the edge may ask another. Like every kind, a question only gains optional fields; anything else is a new `.v<n>`. */
import { z } from 'zod';
import type { Control } from '../channel/signals.ts';

export interface NodeQuestionContract<Q extends z.ZodType = z.ZodType, A = unknown> {
  readonly name: `${string}.v${number}`;
  readonly schema: Q;
  /** Only looks: asked twice it may be carried out twice. Anything else is carried out at most once however often it arrives. */
  readonly looks: boolean;
  /** Never set: carries the answer's type. */
  readonly answer?: A;
}

const question =
  <A>() =>
  <Q extends z.ZodType>(name: NodeQuestionContract['name'], schema: Q, { looks = false } = {}): NodeQuestionContract<Q, A> => ({ name, schema, looks });

export type NodeAnswerOf<C> = C extends NodeQuestionContract<z.ZodType, infer A> ? A : never;

/** Uplink of a stream that another process holds: messages in the order that they came in. */
export const CarryUplink = question<{ readonly delivered: boolean }>()(
  'carry-uplink.v1',
  z.object({
    session: z.string().min(1).max(256),
    messages: z.array(z.string()).min(1).max(256),
    /** Of the page that posted them. */
    origin: z.string().optional(),
    /** Whose credential stood beside them, if one did. */
    user: z.string().optional(),
  }),
);

export interface Steered {
  /** That it was done to. */
  readonly sessions: number;
  /** Why one of the others would not have it. */
  readonly refused?: { readonly error: string; readonly message: string };
}
/** Something that a backend does to live sessions; answered once it is done here. */
export const SteerSessions = question<Steered>()('steer-sessions.v1', z.custom<Control>(isControl));

/** Channels with subscribers of this process whose names match, with how many. */
export const ListChannels = question<{ readonly channels: readonly (readonly [channel: string, clients: number])[] }>()(
  'list-channels.v1',
  z.object({ pattern: z.string().max(4_096).default('') }),
  { looks: true },
);

export interface NodeInfo {
  readonly uid: string;
  readonly name: string;
  readonly version: string;
  readonly num_clients: number;
  readonly num_users: number;
  readonly num_subs: number;
  readonly num_channels: number;
  /** Seconds. */
  readonly uptime: number;
}
export const DescribeNode = question<NodeInfo>()('describe-node.v1', z.object({}), { looks: true });

export interface SessionInfo {
  readonly client: string;
  readonly user: string;
  /** `websocket`, `sse`, `http_stream`, `plain_websocket` or `event_source`. */
  readonly transport: string;
  readonly channels: readonly string[];
}
/** Live sessions of one user. */
export const ListSessions = question<{ readonly sessions: readonly SessionInfo[] }>()('list-sessions.v1', z.object({ user: z.string().min(1).max(1_024) }), {
  looks: true,
});

/** Its fields are checked by whoever carries it out: a newer process may know more of them. */
function isControl(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { do?: unknown }).do === 'string';
}
