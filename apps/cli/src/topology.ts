/** `veche topology`: what the services declare on the broker, from the same lines that declare it. */
import * as contracts from '@veche/contracts';
import { type Part, Topology } from '@veche/platform-messaging';
import { type Command, EXIT } from './command.ts';
import { json, table } from './table.ts';

export interface TopologySettings {
  readonly RABBITMQ_PREFIX: string;
  readonly BUS_COMMAND_QUEUES: number;
  readonly RPC_RETRY_DELAYS_MS: readonly number[];
}

export const topologyCommand = (settings: () => TopologySettings): Command => ({
  name: 'topology',
  summary: 'Prints every exchange, queue, binding and argument that the services declare with the present settings. Asks no broker.',
  options: { json: { type: 'boolean', description: 'As JSON.' } },
  run: async ({ values }, { stdout }) => {
    const part = wholeOf(settings());
    stdout.write(values['json'] ? json(part) : `${textOf(part)}\n`);
    return EXIT.done;
  },
});

/** Of all services together; `<process>` stands for each process's own. */
function wholeOf({ RABBITMQ_PREFIX, BUS_COMMAND_QUEUES, RPC_RETRY_DELAYS_MS }: TopologySettings): Part {
  const topology = new Topology(RABBITMQ_PREFIX);
  const parts = [
    topology.commandPart(BUS_COMMAND_QUEUES),
    { exchanges: [], queues: [topology.queueCount(BUS_COMMAND_QUEUES)] },
    topology.ownerPart('<process>'),
    topology.eventPart('<process>'),
    topology.replyPart('<process>'),
    ...[...kindsOf('request')].map(([service, kinds]) => topology.requestPart(service, kinds)),
    ...[...kindsOf('work')].map(([service, kinds]) => topology.workPart(service, kinds)),
    topology.retryPart(RPC_RETRY_DELAYS_MS),
    topology.deadPart(),
  ];
  return { exchanges: distinct(parts.flatMap(({ exchanges }) => exchanges)), queues: distinct(parts.flatMap(({ queues }) => queues)) };
}

/** Kinds of a shape by the service that owns them; a message is one export of contracts. */
function kindsOf(shape: 'request' | 'work'): Map<string, string[]> {
  const kinds = Object.values(contracts).flatMap((each: unknown) => (isContract(each) && each.shape === shape ? [each.kind] : []));
  return Map.groupBy(kinds.toSorted(), (kind) => kind.slice(0, kind.indexOf('.')));
}

const isContract = (value: unknown): value is { readonly shape: string; readonly kind: string } =>
  typeof value === 'object' && value !== null && 'shape' in value && 'kind' in value;

const distinct = <T extends { readonly name: string }>(all: readonly T[]): T[] => [...new Map(all.map((each) => [each.name, each])).values()];

function textOf({ exchanges, queues }: Part): string {
  const lifetime = (exclusive: boolean | undefined): string => (exclusive ? 'its process' : 'durable');
  return [
    table(
      ['exchange', 'type'],
      exchanges.map(({ name, type }) => [name, type]),
    ),
    '',
    table(
      ['queue', 'lives as', 'arguments'],
      queues.map(({ name, options }) => [name, lifetime(options.exclusive), argumentsOf(options.arguments)]),
    ),
    '',
    table(
      ['exchange', 'key', 'queue'],
      queues.flatMap(({ name, bindings }) => bindings.map(({ exchange, key }) => [exchange, key || '(all)', name])),
    ),
  ].join('\n');
}

const argumentsOf = (args: unknown): string =>
  Object.entries((args ?? {}) as Record<string, unknown>)
    .map(([name, value]) => `${name.replace(/^x-/, '')}=${String(value)}`)
    .join(' ');
