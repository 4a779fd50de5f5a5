/** Sign-in, backends and streams as OpenAPI paths: what is not in the operation table. */
import { API_PARAMS, BATCH } from '../api/api.schemas.ts';
import { AUTH_BODIES } from '../auth/auth.schemas.ts';
import { type JsonSchema, ref, schemaOf } from './json-schema.ts';
import { bodyOf, type Paths, responses } from './operation-paths.ts';

const OPEN: JsonSchema = { security: [] };
const KEY: JsonSchema = { security: [{ apiKey: [] }] };

export function addFixed(paths: Paths): void {
  paths['/auth/register'] = {
    post: {
      operationId: 'auth.register',
      summary: 'Sign up',
      tags: ['auth'],
      ...OPEN,
      requestBody: bodyOf(schemaOf(AUTH_BODIES.register)),
      responses: responses(201, 'Tokens'),
    },
  };
  paths['/auth/token'] = {
    post: {
      operationId: 'auth.token',
      summary: 'Sign in',
      tags: ['auth'],
      ...OPEN,
      requestBody: bodyOf(schemaOf(AUTH_BODIES.token)),
      responses: responses(200, 'Tokens'),
    },
  };
  paths['/auth/refresh'] = {
    post: {
      operationId: 'auth.refresh',
      summary: 'Change a refresh token for new tokens; each works once',
      tags: ['auth'],
      ...OPEN,
      requestBody: bodyOf(schemaOf(AUTH_BODIES.refresh)),
      responses: responses(200, 'Tokens'),
    },
  };
  paths['/auth/logout'] = {
    post: {
      operationId: 'auth.logout',
      summary: 'End the sign-in session, on live sockets too',
      tags: ['auth'],
      ...OPEN,
      requestBody: bodyOf(schemaOf(AUTH_BODIES.logout)),
      responses: responses(200, 'Empty'),
    },
  };
  paths['/auth/ticket'] = {
    post: {
      operationId: 'auth.ticket',
      summary: 'A single-use ticket for a socket or stream, at most 30 s old',
      tags: ['auth'],
      responses: responses(200, 'Ticket'),
    },
  };
  paths['/auth/me'] = { get: { operationId: 'auth.me', summary: 'The signed-in user', tags: ['auth'], responses: responses(200, 'User') } };
  paths['/.well-known/jwks.json'] = {
    get: { operationId: 'auth.keys', summary: 'Keys that our tokens are signed with', tags: ['auth'], ...OPEN, responses: responses(200, 'Jwks') },
  };
  addApi(paths);
  addStreams(paths);
}

function addApi(paths: Paths): void {
  const post = (name: string, summary: string, schema: JsonSchema, answer: string): void => {
    paths[`/api/${name}`] = {
      post: { operationId: `api.${name}`, summary, tags: ['api'], ...KEY, requestBody: bodyOf(schema), responses: responses(200, answer) },
    };
  };
  for (const [name, schema] of Object.entries(API_PARAMS)) post(name, SUMMARIES[name] ?? name, schemaOf(schema), 'ApiReply');
  post('batch', 'Several calls in one request: {"commands": [{"publish": {…}}, …]}', schemaOf(BATCH), 'ApiReplies');
}

const SUMMARIES: Readonly<Record<string, string>> = {
  publish: 'Publish to a channel: stored and numbered where it keeps history',
  broadcast: 'Publish the same to many channels',
  subscribe: "Subscribe a user's sessions to a channel",
  unsubscribe: "End a user's subscription to a channel",
  disconnect: "End a user's sessions",
  refresh: "Expire a user's sessions",
  presence: 'Clients of a channel',
  presence_stats: 'How many clients and users a channel has',
  history: 'Publications of a channel',
  history_remove: 'Not served: error 108',
  channels: 'Channels with subscribers',
  info: 'Processes of the edge, with how many sessions each holds',
  connections: 'Live sessions of a user, with the process that holds each',
  rpc: 'Not served: error 108',
};

function addStreams(paths: Paths): void {
  const query = (name: string, description: string, required = false): JsonSchema => ({ name, in: 'query', required, description, schema: { type: 'string' } });
  const rest = [
    query('after', 'Cursor <epoch>:<seq> or a bare seq; what came after it is sent first'),
    query('token', 'Access token, if the server takes it there'),
    query('ticket', 'Single-use ticket'),
    { name: 'Last-Event-ID', in: 'header', required: false, description: 'As an EventSource sends it; goes before `after`', schema: { type: 'string' } },
  ];
  const answers = {
    200: {
      description: 'With Accept: text/event-stream a stream, with application/json a page',
      content: { 'text/event-stream': { schema: { type: 'string' } }, 'application/json': { schema: { type: 'object' } } },
    },
    304: { description: 'Nothing new since If-None-Match' },
    default: { description: 'Refused', content: { 'application/json': { schema: ref('Error') } } },
  };
  paths['/realtime/events'] = {
    get: {
      operationId: 'realtime.events',
      summary: 'Events of channels as an EventSource or a poll',
      tags: ['streams'],
      parameters: [query('channel', 'May be given several times', true), ...rest],
      responses: answers,
    },
  };
  paths['/chat/events'] = {
    get: {
      operationId: 'chat.events',
      summary: 'Events of threads as an EventSource or a poll',
      tags: ['streams'],
      parameters: [query('thread_id', 'May be given several times', true), ...rest],
      responses: answers,
    },
  };
}
