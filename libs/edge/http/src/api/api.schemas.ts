/**
 * What backends send: the names and shapes of Centrifugo's server API, so that its users can move here.
 * As there, unknown fields are ignored and a wrong type is a malformed request (400); what is missing is error 107.
 */
import { z } from 'zod';

const text = z.string().default('');
const anyJson = z.unknown().optional();
const position = z.object({ offset: z.int().min(0), epoch: text });
const publication = {
  data: anyJson,
  b64data: text,
  skip_history: z.boolean().default(false),
  tags: z.record(z.string(), z.string()).optional(),
  idempotency_key: text,
  delta: z.boolean().default(false),
  version: z.int().min(0).default(0),
  version_epoch: text,
};
const option = z.object({ value: z.boolean().default(false) }).optional();
const override = z.object({ presence: option, join_leave: option, force_push_join_leave: option, force_recovery: option, force_positioning: option });
const session = { user: text, client: text, session: text };

export const API_PARAMS = {
  publish: z.object({ channel: text, ...publication }),
  broadcast: z.object({ channels: z.array(z.string()).default([]), ...publication }),
  subscribe: z.object({
    ...session,
    channel: text,
    info: anyJson,
    b64info: text,
    data: anyJson,
    b64data: text,
    recover_since: position.optional(),
    override: override.optional(),
    expire_at: z.int().default(0),
  }),
  unsubscribe: z.object({ ...session, channel: text }),
  disconnect: z.object({ ...session, whitelist: z.array(z.string()).default([]), disconnect: z.object({ code: z.int(), reason: text }).optional() }),
  refresh: z.object({ ...session, expired: z.boolean().default(false), expire_at: z.int().default(0) }),
  presence: z.object({ channel: text }),
  presence_stats: z.object({ channel: text }),
  history: z.object({ channel: text, limit: z.int().default(0), since: position.optional(), reverse: z.boolean().default(false) }),
  history_remove: z.object({ channel: text }),
  channels: z.object({ pattern: text }),
  info: z.object({}),
  connections: z.object({ user: text }),
  rpc: z.object({ method: text, params: anyJson }),
} as const;

export type ApiMethod = keyof typeof API_PARAMS;
export type ParamsOf<M extends ApiMethod> = z.infer<(typeof API_PARAMS)[M]>;

export const isApiMethod = (name: string): name is ApiMethod => Object.hasOwn(API_PARAMS, name);

export const BATCH = z.object({ commands: z.array(z.record(z.string(), z.unknown())), parallel: z.boolean().default(false) });
export const LEGACY_COMMAND = z.object({ id: z.int().min(0).optional(), method: z.string(), params: z.unknown().optional() });
