/** The HTTP edge over fakes of what stands behind it, on a Fastify without a socket. */
import {
  type ChannelOptions,
  type Control,
  type CommandEnvelope,
  type CommandReply,
  type Grant,
  parseChannel,
  type Signal,
  VecheError,
} from '@veche/contracts';
import {
  ApiKeys,
  type Cluster,
  type Grants,
  type History,
  type HistoryPage,
  type Identity,
  type Limits,
  MemoryLimiter,
  OperationRunner,
  type Presence,
  RequestLimit,
  SendCommand,
  SendSignal,
  type TokenVerifier,
  UserDirectory,
  UserNames,
} from '@veche/edge-realtime';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { fastify, type FastifyInstance } from 'fastify';
import { ApiController } from '../src/api/api.controller.ts';
import { ApiMethods } from '../src/api/api-methods.ts';
import { Observation } from '../src/api/observation.ts';
import { Publishing } from '../src/api/publishing.ts';
import { Steering } from '../src/api/steering.ts';
import { AuthController } from '../src/auth/auth.controller.ts';
import { FilesController } from '../src/files/files.controller.ts';
import { HttpTelemetry } from '../src/http.telemetry.ts';
import { OpenApiController } from '../src/openapi/openapi.controller.ts';
import { OperationsController } from '../src/rest/operations.controller.ts';
import { HttpServer } from '../src/server/http-server.ts';
import { Visitors } from '../src/server/visitors.ts';

export const KEY = 'a-secret-of-a-backend';
export const ANNA = { id: 'u-anna', login: 'anna', name: 'Anna' };

const OPTIONS: ChannelOptions = {
  durable: true,
  publications: 'events',
  force_recovery: false,
  presence: true,
  join_leave: false,
  force_push_join_leave: false,
  presence_mode: 'client',
};

export interface World {
  readonly server: FastifyInstance;
  readonly commands: CommandEnvelope[];
  readonly questions: { readonly kind: string; readonly query: Record<string, unknown> }[];
  readonly signals: Signal[];
  /** What live sessions were told to do. */
  readonly controls: Control[];
  /** Every process of the edge answers. */
  complete: boolean;
  /** Of the log, for /api/history. */
  page: HistoryPage;
  /** Answers to requests by kind; a VecheError is thrown. */
  readonly answers: Map<string, unknown>;
  reply: CommandReply;
}

interface Settings {
  readonly perMinute?: number;
  readonly staticDir?: string;
  readonly origins?: readonly string[];
}

export async function openWorld({ perMinute = 1_000, staticDir = '', origins = [] }: Settings = {}): Promise<World> {
  const world: World = {
    server: fastify({ routerOptions: { maxParamLength: 512 } }),
    commands: [],
    questions: [],
    signals: [],
    controls: [],
    complete: true,
    page: { publications: [], epoch: '', offset: 0 },
    answers: new Map<string, unknown>([['auth.find-users.v1', { users: [ANNA] }]]),
    reply: { ok: true, id: '01', seq: 7, epoch: 'e1', ts: 5 },
  };
  const doors = {
    HTTP_REQUESTS_PER_MINUTE: perMinute,
    HTTP_ALLOWED_ORIGINS: origins,
    HTTP_TRUSTED_PROXIES: 0,
    DOORS_QUERY_TOKEN: true,
    DOORS_TOKEN_COOKIE: '',
  };
  const telemetry = new HttpTelemetry(new Metrics(), Logger.silent());
  await new HttpServer({} as never, controllersOf(world, staticDir, doors, telemetry), doors, telemetry).mount(world.server);
  await world.server.ready();
  return world;
}

type Doors = {
  HTTP_REQUESTS_PER_MINUTE: number;
  HTTP_ALLOWED_ORIGINS: readonly string[];
  HTTP_TRUSTED_PROXIES: number;
  DOORS_QUERY_TOKEN: boolean;
  DOORS_TOKEN_COOKIE: string;
};

function controllersOf(world: World, staticDir: string, doors: Doors, telemetry: HttpTelemetry) {
  const { commands, requests, events, grants, limits, log, cluster, presence, verifier } = fakesOf(world);
  const config = { RPC_TIMEOUT_MS: 5_000, OPERATIONS_FOREIGN_USERS: false, OPERATIONS_USERS_CACHE_MS: 0 };
  const users = new UserDirectory(requests, config);
  const visitors = new Visitors(verifier, new RequestLimit(doors, new MemoryLimiter()));
  const runner = new OperationRunner(limits, new UserNames(users, config), new SendCommand(commands, config), new SendSignal(events, grants, limits), requests);
  const methods = new ApiMethods(
    new Publishing(commands, events, grants, config),
    new Steering(cluster),
    new Observation(cluster, presence, log, grants),
    telemetry,
  );
  return [
    new AuthController(requests, visitors, users, doors),
    new OperationsController(runner, visitors),
    new ApiController(new ApiKeys({ AUTH_API_KEYS: [{ name: 'billing', secret: KEY }] }), methods, telemetry),
    new OpenApiController(),
    new FilesController({ HTTP_STATIC_DIR: staticDir }),
  ];
}

function fakesOf(world: World) {
  return {
    commands: { send: async (command: CommandEnvelope) => (world.commands.push(command), world.reply) },
    requests: {
      ask: async (kind: string, query: unknown) => {
        world.questions.push({ kind, query: query as Record<string, unknown> });
        const answer = world.answers.get(kind);
        if (answer instanceof Error) throw answer;
        return answer ?? {};
      },
    },
    events: { publish: async () => {}, signal: (batch: readonly Signal[]) => void world.signals.push(...batch), subscribe: () => () => {} },
    grants: {
      of: async (_subject: unknown, channel: string) => grantOf(channel),
      require: async (_subject: unknown, channel: string) => grantOf(channel),
      confirm: async () => undefined,
    } satisfies Grants,
    limits: {
      message: async () => ({ ok: true, retryAfterMs: 0 }),
      countMessage: async () => {},
      typing: () => true,
    } satisfies Limits,
    log: { page: async (_channel: string, { options }: Grant) => (options.durable ? world.page : notAvailable()) } as unknown as History,
    cluster: {
      channels: async (pattern: string) => ({
        found: new Map(
          pattern
            ? [['news:a', 2]]
            : [
                ['news:a', 2],
                ['thread:1', 1],
              ],
        ),
        complete: world.complete,
      }),
      nodes: async () => ({ found: [{ name: 'pod-1', num_clients: 2 }], complete: world.complete }),
      sessions: async (user: string) => ({
        found: [{ client: 'c1', user, transport: 'websocket', channels: ['news:a'], node: 'pod-1~x' }],
        complete: world.complete,
      }),
      steer: async (control: Control) => {
        if (!world.complete) throw new VecheError('outcome_unknown');
        world.controls.push(control);
      },
    } as unknown as Cluster,
    presence: {
      list: async (_channel: string, { options }: Grant) => (options.presence ? [{ client: 'c1', user: ANNA.id }] : notAvailable()),
      stats: async () => ({ clients: 1, users: 1 }),
    } as unknown as Presence,
    verifier: { verify: async (token: string) => identityOf(token) } as unknown as TokenVerifier,
  };
}

function notAvailable(): never {
  throw new VecheError('not_available');
}

/** `news:` keeps history, `live:` does not, anything else is unknown. */
function grantOf(channel: string): Grant {
  const namespace = parseChannel(channel)?.namespace;
  if (namespace !== 'news' && namespace !== 'live' && namespace !== 'thread') throw new VecheError('unknown_channel');
  const durable = namespace !== 'live';
  return { subscribe: true, publish: true, history: true, presence: true, needs_token: false, options: { ...OPTIONS, durable, presence: durable } };
}

function identityOf(token: string): Identity {
  if (token === 'expired') throw new VecheError('token_expired');
  if (!token.startsWith('u-')) throw new VecheError('unauthorized');
  return { user: token, caps: [], subs: [] };
}
