/** How a dead letter goes on its way again: under the same keys, to where such messages go today. */
import { randomUUID } from 'node:crypto';
import { queueOf } from '../slot.ts';
import { encodeCommands } from '../records/command-records.ts';
import type { Topology } from '../rabbitmq/topology.ts';
import { unitBody } from '../rabbitmq-work/work-records.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { Redelivery } from './dead-letters.ts';

export interface RedeliveryOptions {
  readonly topology: Topology;
  /** BUS_COMMAND_QUEUES as it is now. */
  readonly queues: number;
  /** Milliseconds that redriven commands may wait for their owner: their senders' own deadlines are long past, and owners drop what is. */
  readonly patienceMs: number;
  readonly now: () => number;
}

export function deliveriesOf(letter: DeadLetter, { topology, queues, patienceMs, now }: RedeliveryOptions): Redelivery[] {
  if (letter.unit) {
    const { unit } = letter;
    const key = topology.workKey(unit.kind, unit.class);
    return [{ exchange: topology.work.name, key, body: unitBody(unit), messageId: randomUUID(), type: unit.kind }];
  }
  // The number of queues may have changed since; the order within a channel stays that of the batch.
  const groups = Map.groupBy(letter.commands ?? [], ({ channel }) => queueOf(channel, queues));
  return [...groups].map(([queue, commands]) => ({
    exchange: topology.commands.name,
    key: topology.commandQueue(queues, queue),
    body: encodeCommands(commands.map(({ data, ...envelope }) => ({ ...envelope, json: JSON.stringify(data), deadline: now() + patienceMs }))),
    messageId: randomUUID(),
    type: undefined,
  }));
}
