/** What we answer with. Answers are types in contracts, not schemas: nothing at run time checks our own, so they are described here. */
import { NOTICE_KINDS, ROLES } from '@veche/contracts';
import { type JsonSchema, ref } from './json-schema.ts';

const text: JsonSchema = { type: 'string' };
const whole: JsonSchema = { type: 'integer', minimum: 0 };
const ms: JsonSchema = { type: 'integer', description: 'Milliseconds since 1970' };
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
const object = (properties: Record<string, JsonSchema>, optional: Record<string, JsonSchema> = {}): JsonSchema => ({
  type: 'object',
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
});

export const ANSWERS: Readonly<Record<string, JsonSchema>> = {
  Error: object({
    error: object(
      { code: whole, name: text, message: text, advice: text, retryable: { type: 'boolean' } },
      { details: list(object({ path: text, message: text })), retry_after_ms: whole },
    ),
  }),
  CommandResult: object(
    {
      id: { ...orNull(text), description: 'Of the event, null when nothing changed; of the thread when one was created' },
      seq: whole,
      ts: ms,
      command_id: text,
    },
    { channel: { ...text, description: 'Of a thread that was created' }, event_id: { ...orNull(text), description: 'Of the event that created it' } },
  ),
  User: object({ id: text, login: orNull(text), name: orNull(text) }),
  Tokens: object({ token: text, token_type: { const: 'Bearer' }, expires_in: { ...whole, description: 'Seconds' }, refresh_token: text, user: ref('User') }),
  Ticket: object({ ticket: text, expires_in: { ...whole, description: 'Seconds' } }),
  Jwks: object({ keys: list({ type: 'object' }) }),
  Users: object({ users: list(ref('User')) }),
  Member: object({ user: text, role: { enum: [...ROLES] } }),
  Members: object({ members: list(ref('Member')), next: orNull(text) }),
  Message: object(
    {
      id: text,
      channel: text,
      seq: whole,
      number: whole,
      actor: text,
      command_id: text,
      ts: ms,
      text,
      reactions: { type: 'object', additionalProperties: list(text) },
    },
    { reply_to: text, attachments: list({ type: 'object' }), edited_ts: ms, deleted: { const: true } },
  ),
  Messages: object({
    messages: list(ref('Message')),
    epoch: text,
    last_seq: { ...whole, description: 'Subscribe after this position to go on without a gap' },
  }),
  Thread: object({
    id: text,
    channel: text,
    title: text,
    role: { enum: [...ROLES] },
    members: whole,
    last_seq: whole,
    last_number: whole,
    unread: whole,
    read_seq: whole,
    last_message: orNull(ref('Message')),
    updated_ts: ms,
  }),
  Threads: object({ threads: list(ref('Thread')), next: orNull(text) }),
  Notice: object(
    {
      id: text,
      seq: { ...whole, description: 'In the inbox' },
      kind: { enum: [...NOTICE_KINDS] },
      thread: text,
      thread_seq: whole,
      by: text,
      ts: ms,
      read: { type: 'boolean' },
    },
    { message_id: text },
  ),
  Notices: object({ notices: list(ref('Notice')), next: orNull(text), unread: whole, seq: whole }),
  Badge: object({ unread: whole, seq: { ...whole, description: 'Position of the inbox that the figure reflects' } }),
  NotificationPreferences: object({ ...Object.fromEntries(NOTICE_KINDS.map((kind) => [kind, { type: 'boolean' }])), muted: list(text) }),
  Empty: { type: 'object', maxProperties: 0 },
  Event: object({ channel: text, seq: whole, id: text, kind: text, actor: text, command_id: text, ts: ms, data: {} }),
  ApiReply: { type: 'object', description: 'Either of the two', properties: { result: { type: 'object' }, error: object({ code: whole, message: text }) } },
  ApiReplies: object({ replies: list({ type: 'object' }) }),
};

/** Which answer an operation gives; commands all give the same. */
export const ANSWER_OF: Readonly<Record<string, string>> = {
  'chat.threads': 'Threads',
  'chat.thread': 'Thread',
  'chat.members': 'Members',
  'chat.history': 'Messages',
  'chat.message': 'Message',
  'chat.typing': 'Empty',
  'auth.users': 'Users',
  'notification.list': 'Notices',
  'notification.badge': 'Badge',
  'notification.preferences': 'NotificationPreferences',
};
