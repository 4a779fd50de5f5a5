// allowed: size: one table is read as one; in pieces nobody would see what is missing
/**
 * The one table of what may stand where. Every row has the sentence that is printed when it is broken,
 * and a violation that a test plants to see it bite.
 */
import { code, imports, leaves, type Place, relative } from './places.ts';
import type { Source } from './source.ts';

export interface Boundary {
  readonly name: string;
  /** Why; printed with every finding. */
  readonly because: string;
  /** Of the files it is about. */
  readonly within: RegExp;
  readonly except?: RegExp;
  /** Reports each place; nothing else in the file matters. */
  readonly forbids: (source: Source) => readonly Place[];
  readonly planted: { readonly path: string; readonly text: string };
}

const TEST = /\.(test|int|e2e|conformance)\.tsx?$|\/tests\//;
const PRODUCT = /^(libs\/(?!testing\/)|apps\/(?!e2e\/|console\/))/;

interface Reach {
  readonly within: string;
  /** Packages of ours, without the scope; third parties and Node have rows of their own. */
  readonly may: string;
  readonly because: string;
  readonly planted: readonly [folder: string, specifier: string];
}

const ORDER = 'inside platform: config ← telemetry ← postgres, redis ← messaging ← runtime';

const REACH: readonly Reach[] = [
  {
    within: 'libs/contracts',
    may: '(?!)',
    because: 'contracts is the language that all speak, browsers too: it imports the schema library and nothing of ours',
    planted: ['libs/contracts', 'platform-config'],
  },
  {
    within: 'libs/sdk',
    may: 'contracts',
    because: 'the client library is shipped to browsers: it knows the contracts and nothing of the server',
    planted: ['libs/sdk', 'edge-realtime'],
  },
  { within: 'libs/platform/config', may: 'contracts', because: ORDER, planted: ['libs/platform/config', 'platform-telemetry'] },
  { within: 'libs/platform/telemetry', may: 'contracts|platform-config', because: ORDER, planted: ['libs/platform/telemetry', 'platform-postgres'] },
  {
    within: 'libs/platform/(postgres|redis)',
    may: 'contracts|platform-(config|telemetry)',
    because: ORDER,
    planted: ['libs/platform/postgres', 'platform-messaging'],
  },
  {
    within: 'libs/platform/messaging',
    may: 'contracts|platform-(config|telemetry|postgres|redis)',
    because: ORDER,
    planted: ['libs/platform/messaging', 'platform-runtime'],
  },
  {
    within: 'libs/platform/runtime',
    may: 'contracts|platform-.*',
    because: 'platform is below everything else: it knows the envelope of a message and no concern of the product',
    planted: ['libs/platform/runtime', 'event-log'],
  },
  {
    within: 'libs/event-log',
    may: 'contracts|platform-(config|telemetry|postgres|redis|messaging)',
    because: 'the event log serves every domain and knows none; what starts a process is above it',
    planted: ['libs/event-log', 'domain-chat'],
  },
  {
    within: 'libs/domain/[^/]+',
    may: 'contracts|event-log|platform-.*',
    because: 'domains never import each other and never know how a client is connected: they meet in contracts and on the bus',
    planted: ['libs/domain/chat', 'domain-auth'],
  },
  {
    within: 'libs/edge/realtime',
    may: 'contracts|event-log|platform-.*',
    because: 'an edge never imports a domain and reads the past only through the event log; what the doors share knows no door',
    planted: ['libs/edge/realtime', 'domain-chat'],
  },
  {
    within: 'libs/edge/(?!realtime/)[^/]+',
    may: 'contracts|event-log|edge-realtime|platform-.*',
    because: 'a door is bytes and frames: it shares edge/realtime with the others, and never imports another door or a domain',
    planted: ['libs/edge/sse', 'edge-websocket'],
  },
  {
    within: 'libs/testing',
    may: 'contracts',
    because: 'testing depends on contracts and third parties only, so that every package can be tested with it',
    planted: ['libs/testing', 'event-log'],
  },
  {
    within: 'apps/console',
    may: 'contracts|client',
    because: 'the page is a client like any other: it may know the contracts and the client library',
    planted: ['apps/console', 'edge-http'],
  },
  {
    within: 'apps/e2e',
    may: 'contracts|client|testing',
    because: 'system tests stand outside: they drive real sockets and know the contracts',
    planted: ['apps/e2e', 'event-log'],
  },
  {
    within: 'apps/(?!console/|e2e/)[^/]+',
    may: '(?!testing$|console$|e2e$|standalone$|migrate$).*',
    because: 'an app lists modules of libs; test code is not shipped and no app imports another',
    planted: ['apps/migrate', 'standalone'],
  },
];

const packageRows: Boundary[] = REACH.map(({ within, may, because, planted: [folder, specifier] }) => ({
  name: `imports of ${within}`,
  because,
  within: new RegExp(`^${within}/`),
  except: TEST,
  forbids: imports((each) => each.specifier.startsWith('@veche/') && !new RegExp(`^@veche/(${may})$`).test(each.specifier)),
  planted: { path: `${folder}/src/planted.ts`, text: `import '@veche/${specifier}';` },
}));

const KINDS = '(handler|repository|entity|controller|gateway|transport|module)';
const thirdPartyRows: Boundary[] = [
  {
    name: 'typeorm',
    because: 'tables belong to postgres, the event log and the domains; nobody else touches the database, so its schema can change behind them',
    within: /^(libs|apps)\//,
    except: /^libs\/(platform\/postgres|event-log|domain\/[^/]+)\/|^libs\/testing\//,
    forbids: imports(({ specifier }) => /^(typeorm|@nestjs\/typeorm)(\/|$)/.test(specifier)),
    planted: { path: 'libs/edge/http/src/planted.ts', text: "import { DataSource } from 'typeorm';" },
  },
  {
    name: 'pg',
    because: 'connections to Postgres are made by platform/postgres alone: timeouts, pools and the meaning of a lost connection are decided once',
    within: PRODUCT,
    except: new RegExp(`^libs/platform/postgres/|${TEST.source}`),
    forbids: imports(({ specifier, typeOnly }) => specifier === 'pg' && !typeOnly),
    planted: { path: 'libs/domain/chat/src/planted.ts', text: "import { Pool } from 'pg';" },
  },
  {
    name: 'amqp',
    because: 'AMQP clients stay in platform/messaging: publish, ack and nack use the raw confirm channel its set-up received',
    within: /^(libs|apps)\//,
    except: /^libs\/(platform\/messaging|testing)\//,
    forbids: imports(({ specifier }) => /^amqp/.test(specifier)),
    planted: { path: 'libs/event-log/src/planted.ts', text: "import amqp from 'amqplib';" },
  },
  {
    name: 'redis',
    because: 'connections to Redis are made by platform/redis alone: what a dead, frozen or empty one does to a caller is decided once',
    within: /^(libs|apps)\//,
    except: /^libs\/platform\/redis\//,
    forbids: imports(({ specifier }) => specifier === 'ioredis'),
    planted: { path: 'libs/domain/chat/src/planted.ts', text: "import { Redis } from 'ioredis';" },
  },
  {
    name: 'transport strategy',
    because: 'there is one transport strategy, in platform/messaging; everything else is an ordinary Nest provider',
    within: /^(libs|apps)\//,
    except: /^libs\/platform\/messaging\//,
    forbids: imports(
      ({ specifier, names }) =>
        specifier === '@nestjs/microservices' && names.some((name) => /^(Server|CustomTransportStrategy|ClientProxy|MessagePattern|EventPattern)$/.test(name)),
    ),
    planted: { path: 'libs/domain/chat/src/planted.ts', text: "import { MessagePattern } from '@nestjs/microservices';" },
  },
  {
    name: 'websockets',
    because: 'sockets are a matter of the edge: @nestjs/websockets and ws are imported in libs/edge only',
    within: /^(libs|apps)\//,
    except: /^libs\/(edge|testing)\/|^apps\/(e2e|console)\//,
    forbids: imports(({ specifier }) => /^(@nestjs\/(websockets|platform-ws)|ws)$/.test(specifier)),
    planted: { path: 'libs/platform/runtime/src/planted.ts', text: "import { WebSocketGateway } from '@nestjs/websockets';" },
  },
  {
    name: 'metrics, logs and traces',
    because:
      'pino, prom-client and OpenTelemetry are reached through platform/telemetry, so that names, labels and what may be logged are decided in one place',
    within: /^(libs|apps)\//,
    except: /^libs\/(platform\/telemetry|testing)\/|^apps\/e2e\//,
    forbids: imports(({ specifier, typeOnly }) => /^(pino|pino-http|prom-client|@opentelemetry\/.*)$/.test(specifier) && !typeOnly),
    planted: { path: 'libs/edge/realtime/src/planted.ts', text: "import pino from 'pino';" },
  },
  {
    name: 'node in the browser',
    because: 'contracts and sdk run in browsers: no Node built-in, no Buffer, no process',
    within: /^libs\/(contracts|sdk)\/src\//,
    except: TEST,
    forbids: (source) => [...imports(({ specifier }) => /^node:/.test(specifier))(source), ...code(/\b(Buffer|process)\b(?=\s*[.(])/, 'is Node’s')(source)],
    planted: { path: 'libs/contracts/src/planted.ts', text: "import { createHash } from 'node:crypto';" },
  },
];

const placeRows: Boundary[] = [
  {
    name: 'deep import',
    because: 'a package is entered by its index only: what it does not export is its own business',
    within: /^(libs|apps|tools)\//,
    forbids: imports(({ specifier }) => /^@veche\/[^/]+\//.test(specifier)),
    planted: { path: 'libs/edge/http/src/planted.ts', text: "import '@veche/event-log/src/log/append.ts';" },
  },
  {
    name: 'import over the fence',
    because: 'a relative import never leaves its package: packages import each other by name, so that the graph is what package.json says',
    within: /^(libs|apps)\//,
    // Conformance suites and what they stand on are shared among tests: the doors run that of edge/realtime.
    forbids: (source) => imports(({ specifier }) => leaves(source.path, specifier) && !(TEST.test(source.path) && specifier.includes('/tests/')))(source),
    planted: { path: 'libs/edge/http/src/planted.ts', text: "import '../../realtime/src/index.ts';" },
  },
  {
    name: 'process.env',
    because: 'platform/config is the only reader of the environment: validated at start, documented from the same line',
    within: PRODUCT,
    except: new RegExp(`^libs/platform/config/|${TEST.source}`),
    forbids: code(/\bprocess\s*\.\s*env\b/, 'process.env'),
    planted: { path: 'libs/edge/sse/src/planted.ts', text: "export const port = process.env['PORT'];" },
  },
  {
    name: 'process.exit',
    because: 'a process ends when its event loop is empty, so that nothing is cut off; the last resort is in platform/runtime',
    within: PRODUCT,
    except: new RegExp(`^libs/platform/runtime/|${TEST.source}`),
    forbids: code(/\bprocess\s*\.\s*exit\b/, 'process.exit'),
    planted: { path: 'apps/migrate/src/planted.ts', text: 'process.exit(1);' },
  },
  {
    name: 'stages are lists',
    because: 'processes differ only in what their app.module.ts lists: libs do not know which app they run in',
    within: /^libs\//,
    forbids: ({ text }) => text.flatMap((line, index) => (/standalone/i.test(line) ? [{ line: index + 1, what: 'the word standalone' }] : [])),
    planted: { path: 'libs/edge/http/src/planted.ts', text: '// Only in standalone.' },
  },
  {
    name: 'kinds',
    because: 'the string of a message kind exists in one file of contracts; everywhere else is its constant, so that a kind can be found and renamed',
    within: /^(libs\/(?!contracts\/)|apps\/)/,
    // The page keeps its own list, because the constants bring schemas that would triple its bundle; its kinds.test.ts compares the two.
    except: new RegExp(`^apps/console/src/state/kinds\\.ts$|${TEST.source}`),
    forbids: ({ strings }) =>
      strings.filter(({ text }) => /^[a-z]+\.[a-z]+(-[a-z]+)*\.v\d+$/.test(text)).map(({ text, line }) => ({ line, what: JSON.stringify(text) })),
    planted: { path: 'libs/edge/http/src/planted.ts', text: "export const kind = 'chat.send-message.v1';" },
  },
  {
    name: 'names',
    because: 'a name says what a thing is: no Manager, Helper, Util, Common, Base, Impl and no I before an interface',
    within: /^(libs|apps|tools)\//,
    forbids: ({ declared }) =>
      declared
        .filter(({ text }) => /(Manager|Helpers?|Utils?|Impl)$|^(Common|Base)[A-Z]|^I[A-Z][a-z]/.test(text))
        .map(({ text, line }) => ({ line, what: text })),
    planted: { path: 'libs/edge/http/src/planted.ts', text: 'export class SessionManager {}' },
  },
  {
    name: 'file names',
    because: 'files are kebab-case with their kind as a suffix (send-message.handler.ts); a name says what is in it, so none is called util or helper',
    within: /^(libs|apps|tools)\/.*\.tsx?$/,
    forbids: ({ path }) =>
      /(^|\/)(?!.*\b(utils?|helpers?|common|base)\.)[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.tsx?$/.test(path)
        ? []
        : [{ line: 1, what: 'the file’s name' }],
    planted: { path: 'libs/edge/http/src/SendMessage.ts', text: '' },
  },
  {
    name: 'app',
    because: 'apps wire, libs work: an app is main.ts of at most 20 lines and lists (app.module.ts, migrations.ts)',
    // A page, a test suite and a command line are programs of their own; the others are services, whose work other apps share.
    within: /^apps\/(?!console\/|e2e\/|cli\/)[^/]+\/src\//,
    except: TEST,
    forbids: ({ path, lines }) =>
      /\/(main|app\.module|migrations)\.ts$/.test(path) && !(path.endsWith('main.ts') && lines > 20)
        ? []
        : [{ line: 1, what: path.endsWith('main.ts') ? `${lines} lines` : 'logic in an app' }],
    planted: { path: 'apps/migrate/src/planted.ts', text: '' },
  },
  {
    name: 'sleeps',
    because:
      'a test waits for a signal or a condition (eventually, once), never for time: a pause is too short on a loaded machine and too long on every other',
    within: TEST,
    except: /^libs\/testing\//,
    forbids: (source) => [
      ...imports(({ specifier }) => specifier === 'node:timers/promises')(source),
      ...code(/setTimeout\(\s*(resolve|r|done|res|ok)\b/, 'a pause')(source),
    ],
    planted: { path: 'libs/edge/http/src/planted.test.ts', text: 'await new Promise((resolve) => setTimeout(resolve, 100));' },
  },
];

/** Node's parts that compute and touch nothing outside. */
const isPure = (specifier: string, names: readonly string[]): boolean =>
  /^(\.|zod$|@veche\/(contracts|edge-realtime)$|node:(buffer|crypto|util|url|punycode)$)/.test(specifier) ||
  (specifier === 'node:net' && names.every((name) => /^(isIP|isIPv4|isIPv6|BlockList)$/.test(name)));

const kindRows: Boundary[] = [
  {
    name: '.rules.ts',
    because: 'rules are pure decisions: contracts, what the doors share, and other pure files, so that a unit test needs nothing real',
    within: /^(libs|apps)\/.*\.rules\.tsx?$/,
    except: TEST,
    forbids: imports(({ specifier, names, typeOnly }) => !typeOnly && (relative(`(${KINDS}|config|telemetry)`).test(specifier) || !isPure(specifier, names))),
    planted: { path: 'libs/domain/chat/src/planted.rules.ts', text: "import { Pool } from './thread.repository.ts';" },
  },
  {
    name: '.handler.ts',
    because: 'a handler decides and writes through a repository; SQL, mapping and transport are not its matter, and it does not call another handler',
    within: /^libs\/.*\.handler\.ts$/,
    forbids: imports(
      ({ specifier, typeOnly }) =>
        /^(typeorm|pg|fastify|ws|@nestjs\/microservices)$/.test(specifier) ||
        (!typeOnly && relative('(handler|entity|controller|gateway|transport|module)').test(specifier)),
    ),
    planted: { path: 'libs/domain/chat/src/planted.handler.ts', text: "import { Entity } from 'typeorm';" },
  },
  {
    name: '.controller.ts',
    because: 'controllers stand in edges only and turn HTTP into a command or request: contracts and realtime, no tables',
    within: /\.controller\.ts$/,
    forbids: (source) => [
      ...(/^libs\/(edge|platform\/runtime)\//.test(source.path) ? [] : [{ line: 1, what: 'a controller outside libs/edge' }]),
      ...imports(({ specifier }) => /^(typeorm|pg)$/.test(specifier) || relative('(repository|entity|handler)').test(specifier))(source),
    ],
    planted: { path: 'libs/domain/chat/src/planted.controller.ts', text: '' },
  },
  {
    name: '.repository.ts',
    because: 'a repository is the SQL of one aggregate and returns plain records: it knows no handler, no door and no rule that decides',
    within: /\.repository\.ts$/,
    forbids: (source) => [
      ...(/^libs\/(event-log|domain\/[^/]+)\//.test(source.path) ? [] : [{ line: 1, what: 'a repository outside the event log and the domains' }]),
      ...imports(
        ({ specifier, typeOnly }) =>
          /^(fastify|ws)$/.test(specifier) || (!typeOnly && relative('(handler|controller|gateway|transport|module)').test(specifier)),
      )(source),
    ],
    planted: { path: 'libs/domain/chat/src/planted.repository.ts', text: "import { SendMessageHandler } from './send-message.handler.ts';" },
  },
  {
    name: '.entity.ts',
    because: 'an entity is the mapping of one table: typeorm, columns, and no methods',
    within: /\.entity\.ts$/,
    forbids: (source) => [
      ...imports(({ specifier, typeOnly }) => !typeOnly && specifier !== 'typeorm' && !relative('entity').test(specifier))(source),
      ...source.methods.map(({ text, line }) => ({ line, what: `method ${text}` })),
    ],
    planted: { path: 'libs/domain/chat/src/planted.entity.ts', text: 'export class Thread { rename(): void {} }' },
  },
  {
    name: '.gateway.ts and .transport.ts',
    because: 'doors stand in libs/edge: a gateway is the Nest entry of one door, a transport its bytes and frames',
    within: /\.(gateway|transport)\.ts$/,
    except: /^libs\/edge\//,
    forbids: () => [{ line: 1, what: 'a door outside libs/edge' }],
    planted: { path: 'libs/domain/chat/src/planted.gateway.ts', text: '' },
  },
  {
    name: '.config.ts',
    because: 'a section of settings is a declaration: schema, default and sentence; it starts and reads nothing',
    within: /^libs\/.*\.config\.ts$/,
    forbids: imports(({ specifier, typeOnly }) => !typeOnly && !/^(zod|@veche\/(platform-config|contracts)|\.\/.*|\.\.\/.*)$/.test(specifier)),
    planted: { path: 'libs/edge/http/src/planted.config.ts', text: "import { readFileSync } from 'node:fs';" },
  },
  {
    name: 'messages',
    because: 'a message is defined once, in contracts: kind, schema, type',
    within: /\.(command|event|request|work|events|requests|signals)\.ts$/,
    // The client protocol has commands of its own (connect, subscribe …): they are frames, not messages of the bus.
    except: /^libs\/(contracts\/|edge\/realtime\/src\/v2\/)/,
    forbids: () => [{ line: 1, what: 'a message outside contracts' }],
    planted: { path: 'libs/domain/chat/src/planted.command.ts', text: '' },
  },
];

export const BOUNDARIES: readonly Boundary[] = [...packageRows, ...thirdPartyRows, ...placeRows, ...kindRows];
