/**
 * Every exchange, queue, binding and argument on RabbitMQ. Declared by whoever uses it, never deleted by a process.
 *
 * Arguments depend neither on settings nor on the server's version: a queue declared with others than it has is refused (406), so a setting
 * changed in one process, or an upgrade of the broker, would shut out everybody. What a setting changes is in the name instead.
 */
import { VecheError } from '@veche/contracts';
import type { ConfirmChannel, Options } from 'amqplib';
import type { BrokerProfile } from './broker.ts';

export interface Exchange {
  readonly name: string;
  readonly type: 'direct' | 'fanout';
}

export interface Queue {
  readonly name: string;
  readonly options: Options.AssertQueue;
  readonly bindings: readonly { readonly exchange: string; readonly key: string }[];
}

/** What one user of the broker declares before it publishes or consumes. */
export interface Part {
  readonly exchanges: readonly Exchange[];
  readonly queues: readonly Queue[];
}

export const WORK_CLASSES = ['critical', 'normal', 'bulk'] as const;
export type WorkClass = (typeof WORK_CLASSES)[number];

const MIB = 1_048_576;
/** A message that has cost so many deliveries is dead-lettered: a batch is handled one by one from its fourth, so ten leave time to find the poison. */
const DELIVERIES = 10;
/** A second server may answer what died with the first; a third would be the next victim of a poisonous question. */
const REQUEST_DELIVERIES = 1;
/** Looking at a dead letter returns it, which counts: no number of looks may drop it. 4.x would otherwise stop at 20; without a limit 3.10 requeues to the back. */
const LOOKS = 1_000_000;
/** A service that has been gone for so long is gone: its queue vanishes and askers are told at once. Longer than a process takes to come back. */
const SERVICE_GONE_MS = 30_000;
/** Of one process that is too slow for the fan-out; above it the oldest go and positions are checked. */
const EVENT_BATCHES = 5000;
const EVENT_BYTES = 64 * MIB;

const quorum = (args: Readonly<Record<string, unknown>>): Options.AssertQueue => ({
  durable: true,
  // Leaders spread over the nodes; by default all would stand on the node that this process happened to reach first.
  arguments: { 'x-queue-type': 'quorum', 'x-queue-leader-locator': 'balanced', ...args },
});

/** Ends with its connection; an exclusive queue may be transient in every version, a shared one may not from 4.3 on. */
const own = (args: Readonly<Record<string, unknown>> = {}): Options.AssertQueue => ({ durable: false, exclusive: true, autoDelete: true, arguments: args });

export class Topology {
  readonly commands: Exchange;
  readonly events: Exchange;
  readonly replies: Exchange;
  readonly requests: Exchange;
  readonly work: Exchange;
  readonly dead: Exchange;
  readonly owners: Exchange;

  /** @param prefix first part of every name, so that installations, and tests, can share a virtual host */
  constructor(private readonly prefix = 'veche') {
    const exchange = (name: string, type: Exchange['type'] = 'direct'): Exchange => ({ name: `${prefix}.${name}`, type });
    this.commands = exchange('commands');
    this.events = exchange('events', 'fanout');
    this.replies = exchange('replies');
    this.requests = exchange('requests');
    this.work = exchange('work');
    this.dead = exchange('dead');
    this.owners = exchange('owners', 'fanout');
  }

  /** The number of queues is part of the name: a process that was started with another can neither mix up the order nor lose a batch, it is unroutable. */
  commandQueue(queues: number, index: number): string {
    return `${this.prefix}.chat.commands.${queues}.${index}`;
  }

  /** All command queues for `queues` (BUS_COMMAND_QUEUES) and where poison goes. Routing key of a batch: the queue's name. */
  commandPart(queues: number): Part {
    const dead = this.deadQueue('commands');
    const each = Array.from({ length: queues }, (_, index) => this.commandQueue(queues, index));
    const options = quorum({
      // An argument of the queue; a policy cannot set it.
      'x-single-active-consumer': true,
      'x-max-length-bytes': 512 * MIB,
      ...this.buriedIn(dead),
    });
    return {
      exchanges: [this.commands, this.dead],
      queues: [dead, ...each.map((name) => ({ name, options, bindings: [{ exchange: this.commands.name, key: name }] }))],
    };
  }

  /**
   * Records for how many command queues this installation is. Never holds a message: the number is an argument, so that whoever declares it with
   * another is refused by the broker itself, on every version.
   */
  queueCount(queues: number): Queue {
    const options = { durable: true, arguments: { 'x-queue-type': 'classic', 'x-max-length': queues } };
    return { name: `${this.prefix}.commands.queues`, options, bindings: [] };
  }

  /** What owners of command queues say to each other, to share them out. */
  ownerPart(process: string): Part {
    const options = own({ 'x-max-length': 1000, 'x-overflow': 'drop-head' });
    return {
      exchanges: [this.owners],
      queues: [{ name: `${this.prefix}.owners.${process}`, options, bindings: [{ exchange: this.owners.name, key: '' }] }],
    };
  }

  /** Events and signals for one process. */
  eventPart(process: string): Part {
    const options = own({ 'x-max-length': EVENT_BATCHES, 'x-max-length-bytes': EVENT_BYTES, 'x-overflow': 'drop-head' });
    return {
      exchanges: [this.events],
      queues: [{ name: `${this.prefix}.events.${process}`, options, bindings: [{ exchange: this.events.name, key: '' }] }],
    };
  }

  /** Replies to one process, apart from its events: those may be dropped. Routing key: `process`. */
  replyPart(process: string): Part {
    return {
      exchanges: [this.replies],
      queues: [{ name: `${this.prefix}.replies.${process}`, options: own(), bindings: [{ exchange: this.replies.name, key: process }] }],
    };
  }

  /** The queue that all processes of a service share. Routing key: the kind, so that one nobody answers is unroutable. */
  requestPart(service: string, kinds: readonly string[]): Part {
    const options = quorum({
      'x-expires': SERVICE_GONE_MS,
      'x-delivery-limit': REQUEST_DELIVERIES,
      'x-max-length-bytes': 64 * MIB,
      'x-overflow': 'reject-publish',
    });
    return {
      exchanges: [this.requests],
      queues: [{ name: `${this.prefix}.${service}.requests`, options, bindings: kinds.map((key) => ({ exchange: this.requests.name, key })) }],
    };
  }

  /** The queues of a service's work, one a class. A kind that it no longer does stays bound: its units come, fail and are kept. */
  workPart(service: string, kinds: readonly string[]): Part {
    const dead = this.deadQueue('work');
    const options = quorum({ 'x-max-length-bytes': 512 * MIB, ...this.buriedIn(dead) });
    const queues = WORK_CLASSES.map((workClass) => ({
      name: this.workQueue(service, workClass),
      options,
      bindings: kinds.map((kind) => ({ exchange: this.work.name, key: this.workKey(kind, workClass) })),
    }));
    return { exchanges: [this.work, this.dead], queues: [dead, ...queues] };
  }

  workQueue(service: string, workClass: WorkClass): string {
    return `${this.prefix}.${service}.work.${workClass}`;
  }

  /** By kind and class: a kind that nobody does is unroutable. */
  workKey(kind: string, workClass: WorkClass): string {
    return `${kind}.${workClass}`;
  }

  /** Publishing here under a unit's own key brings it back to its queue after `delayMs`. */
  retryExchange(delayMs: number): Exchange {
    return { name: `${this.prefix}.work.retry.${delayMs}`, type: 'fanout' };
  }

  /** One queue for each delay, because messages expire at the head only. The key of a message survives the way round. */
  retryPart(delaysMs: readonly number[]): Part {
    const distinct = [...new Set(delaysMs)];
    const queues = distinct.map((delayMs) => {
      const { name } = this.retryExchange(delayMs);
      const options = quorum({ 'x-message-ttl': delayMs, 'x-max-length-bytes': 512 * MIB, 'x-dead-letter-exchange': this.work.name, ...SAFELY });
      return { name, options, bindings: [{ exchange: name, key: '' }] };
    });
    return { exchanges: [this.work, ...distinct.map((delayMs) => this.retryExchange(delayMs))], queues };
  }

  /** Dead commands, or dead work. Bound by its own name. */
  deadQueue(shape: 'commands' | 'work'): Queue {
    const name = `${this.prefix}.dead.${shape}`;
    const options = quorum({ 'x-delivery-limit': LOOKS, 'x-max-length-bytes': 1024 * MIB, 'x-overflow': 'reject-publish' });
    return { name, options, bindings: [{ exchange: this.dead.name, key: name }] };
  }

  deadPart(): Part {
    return { exchanges: [this.dead], queues: [this.deadQueue('commands'), this.deadQueue('work')] };
  }

  /** What every publisher needs: a publish to an exchange that is missing closes the channel for all others on it. */
  exchangePart(delaysMs: readonly number[]): Part {
    const retries = delaysMs.map((delayMs) => this.retryExchange(delayMs));
    return { exchanges: [this.commands, this.events, this.replies, this.requests, this.work, this.dead, this.owners, ...retries], queues: [] };
  }

  private buriedIn({ name }: Queue): Readonly<Record<string, unknown>> {
    return { 'x-delivery-limit': DELIVERIES, 'x-dead-letter-exchange': this.dead.name, 'x-dead-letter-routing-key': name, ...SAFELY };
  }
}

/** Only with reject-publish is dead-lettering at least once; with any other overflow the server silently makes it at most once. */
const SAFELY = { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' };

/**
 * Exchanges, then queues, then bindings; what exists alike is left as it is.
 * @throws VecheError `conflict` when something of that name exists with other arguments: it is never deleted to make room
 */
export async function declare(raw: ConfirmChannel, { exchanges, queues }: Part): Promise<void> {
  for (const { name, type } of exchanges) await agreed(name, raw.assertExchange(name, type, { durable: true }));
  for (const { name, options } of queues) await agreed(name, raw.assertQueue(name, options));
  await Promise.all(queues.flatMap(({ name, bindings }) => bindings.map(({ exchange, key }) => raw.bindQueue(name, exchange, key))));
}

/** An exchange that is deleted takes its bindings with it and tells nobody, and its messages go nowhere: what a consumer needs is declared again now and then. */
const LOOK_MS = 5000;

/** As long as the channel lives. What fails closes the channel, and its successor declares. */
export function keepDeclared(raw: ConfirmChannel, part: Part): void {
  const timer = setInterval(() => void declare(raw, part).catch(() => {}), LOOK_MS);
  raw.once('close', () => clearInterval(timer));
}

async function agreed(name: string, declared: PromiseLike<unknown>): Promise<void> {
  try {
    await declared;
  } catch (error) {
    if ((error as { code?: number }).code !== 406) throw error;
    throw new VecheError('conflict', `${name} exists on the broker with other arguments: empty and delete it, or choose another RABBITMQ_PREFIX`);
  }
}

/** Quorum queues of 3.10 are the first with message TTL and dead-lettering at least once; without those a retry could be lost. */
export function refuseOlderThan310({ version }: BrokerProfile): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 10)) return;
  throw new VecheError('bad_request', `RabbitMQ ${version} is too old: work and dead letters need 3.10 or later`);
}

/** Bytes that the server takes in one message; a larger one closes the channel. */
export const largestBody = ({ family }: BrokerProfile): number => (family === '3' ? 128 * MIB : 16 * MIB);
